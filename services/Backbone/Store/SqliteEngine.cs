using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BeschutWerk.Backbone.Store;

/// <summary>The SQLite library of this process, set up before its first connection.</summary>
internal static class SqliteEngine
{
    private const int FileSizeExceeded = 25, Ignore = 1; // SIGXFSZ, SIG_IGN

    private static readonly Version Sound = new(3, 51, 3);

    static SqliteEngine()
    {
        Batteries_V2.Init();
        // SQLite counts every byte of all connections under one lock unless told not to: hundreds of stores would wait for
        // each other at every allocation. Refused without harm when something else in the process has used SQLite before.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
        CheckedFiles.Register();
        // A write beyond a limit of the size of files (ulimit -f) ends a process that does not ignore this signal. Ignored, the write
        // fails, which is a full disk to its caller.
        _ = OnSignal(FileSizeExceeded, Ignore);
    }

    /// <summary>Sets the library up when nobody did so far: before anything opens a store's file.</summary>
    public static void Use()
    {
        // The static constructor has run.
    }

    /// <summary>Sets the library up.</summary>
    /// <exception cref="InvalidOperationException">A version that loses commits.</exception>
    public static void Prepare()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        if (Version.Parse(connection.ServerVersion) < Sound)
        {
            throw new StartupException($"SQLite {connection.ServerVersion} can lose committed writes (WAL reset). Use {Sound} or later.");
        }
    }

    [DllImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint OnSignal(int signal, nint handler);
}
