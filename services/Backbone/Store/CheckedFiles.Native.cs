using System.Runtime.InteropServices;

namespace BeschutWerk.Backbone.Store;

/// <content>SQLite's structures and functions, where addresses have eight bytes.</content>
internal static unsafe partial class CheckedFiles
{
    private const string Library = "e_sqlite3";

    /// <summary>What we keep of a file.</summary>
    private struct State
    {
        public long PageExpectedAt, CommitEnd, MarkedEnd, Salts;
        public nint Name, Mark;
        public int IsChecked, IsUnsure, IsCommit, FlushFailed;
    }

#pragma warning disable CS0649 // SQLite fills them.
    /// <summary>SQLite's <c>sqlite3_file</c>.</summary>
    private struct File
    {
        public Functions* Functions;
    }

    /// <summary>SQLite's <c>sqlite3_io_methods</c> where addresses have eight bytes, and behind it that of the system.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 160)]
    private struct Functions
    {
        [FieldOffset(0)] public int Version;
        [FieldOffset(8)] public delegate* unmanaged[Cdecl]<File*, int> Close;
        [FieldOffset(16)] public delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> Read;
        [FieldOffset(24)] public delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> Write;
        [FieldOffset(32)] public delegate* unmanaged[Cdecl]<File*, long, int> Truncate;
        [FieldOffset(40)] public delegate* unmanaged[Cdecl]<File*, int, int> Sync;
        [FieldOffset(80)] public delegate* unmanaged[Cdecl]<File*, int, void*, int> Control;
        [FieldOffset(152)] public Functions* System;
    }

    /// <summary>SQLite's <c>sqlite3_vfs</c> where addresses have eight bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 168)]
    private struct Vfs
    {
        [FieldOffset(4)] public int FileSize;
        [FieldOffset(16)] public Vfs* Next;
        [FieldOffset(24)] public byte* Name;
        [FieldOffset(40)] public delegate* unmanaged[Cdecl]<Vfs*, byte*, File*, int, int*, int> Open;
        [FieldOffset(48)] public delegate* unmanaged[Cdecl]<Vfs*, byte*, int, int> Delete;
    }
#pragma warning restore CS0649

    [DllImport(Library, EntryPoint = "sqlite3_vfs_find")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern Vfs* Find(byte* name);

    [DllImport(Library, EntryPoint = "sqlite3_vfs_register")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int Add(Vfs* vfs, int makeDefault);

    [DllImport(Library, EntryPoint = "sqlite3_file_control")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int FileControl(nint connection, byte* database, int what, void* value);
}
