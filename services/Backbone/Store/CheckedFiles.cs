using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// Stands between SQLite and its files: every page that is written gets its <see cref="PageCheck"/>, and every page that is read is
/// compared with it, or in the write-ahead log with SQLite's own check (<see cref="JournalCheck"/>). SQLite keeps no check of its own in
/// a database: it takes a flipped bit in a row for what was stored. A file without room for the checks is left as it is.
/// </summary>
/// <remarks>
/// A VFS of SQLite that changes a few functions of the system's own, and notes how far the log is on the disk
/// (<see cref="JournalMark"/>). The others stay native: nothing of them passes through .NET. Every connection of the process has it, also
/// those of tests: what one wrote past it, another would take for damage.
/// </remarks>
internal static unsafe partial class CheckedFiles
{
    private const int NotWhatWasWritten = 11; // SQLITE_CORRUPT, as for damage that SQLite finds by itself
    private const int Ok = 0, Full = 13;
    private const int ShortRead = 10 | (2 << 8), WriteError = 10 | (3 << 8), FlushError = 10 | (4 << 8), TruncateError = 10 | (6 << 8), DeleteError = 10 | (10 << 8);
    private const int QuotaReached = 122, FileTooLarge = 27; // EDQUOT, EFBIG of the system
    private const int MainFile = 0x100, Journal = 0x80000; // SQLITE_OPEN_MAIN_DB, SQLITE_OPEN_WAL
    private const int LastError = 4, FilePointer = 7, HasMoved = 20, ReservedBytes = 38; // SQLITE_FCNTL_LAST_ERRNO, _FILE_POINTER, _HAS_MOVED, _RESERVE_BYTES
    private const int WithoutMappedPages = 136, SaltsAt = 16;
    private const int SmallestPage = 512, LargestPage = 65536, FileHeader = 100;

    // By the table of functions that the system's VFS gave the file: the same with ours in it.
    private static readonly ConcurrentDictionary<nint, nint> MainFunctions = new(), JournalFunctions = new();
    private static Vfs* _system;

    /// <summary>Makes it the VFS of every connection that is opened from now on.</summary>
    public static void Register()
    {
        _system = Find(null);
        var ours = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
        *ours = *_system;
        ours->Next = null;
        ours->Name = (byte*)Marshal.StringToCoTaskMemUTF8("checked");
        ours->FileSize = StateAt + sizeof(State);
        ours->Open = &Open;
        ours->Delete = &Delete;
        var code = Add(ours, makeDefault: 1);
        if (code != Ok) throw new InvalidOperationException($"SQLite refuses the VFS that checks pages: {code}.");
    }

    /// <summary>Has a database leave room for the checks: a new one from its first page on, another one once VACUUM rewrites it.</summary>
    public static void MakeRoom(SQLitePCL.sqlite3 connection)
    {
        var size = PageCheck.Size;
        Control(connection, ReservedBytes, &size);
    }

    /// <summary>Whether each page of the database ends with its check.</summary>
    public static bool HasRoom(SQLitePCL.sqlite3 connection)
    {
        var size = -1; // only asks
        Control(connection, ReservedBytes, &size);
        return size == PageCheck.Size;
    }

    /// <summary>
    /// Has every page checked that this connection reads or writes in the file from now on: once it saw, in the file or in its log, that
    /// pages end with their checks. The first page of the file alone does not tell: after an upgrade it lies in the log until a checkpoint
    /// writes it, and a reader can keep it out of a checkpoint that writes others.
    /// </summary>
    /// <remarks>
    /// No page without a check is read as one that has it. The VACUUM of an upgrade writes every page into the log, and nothing takes one
    /// from there to the file before this: it runs without checkpoints, and what a killed process left is read from the log, of which SQLite
    /// then takes nothing for written to the file. So each page that is read in the file itself was put there by a connection that checks.
    /// </remarks>
    public static void RequireChecks(SQLitePCL.sqlite3 connection)
    {
        File* file = null;
        Control(connection, FilePointer, &file);
        StateOf(file)->IsChecked = 1;
    }

    /// <summary>Whether the file was deleted or replaced while it is open: nothing that is written would be found again.</summary>
    public static bool IsGone(SQLitePCL.sqlite3 connection)
    {
        var gone = 0;
        Control(connection, HasMoved, &gone);
        return gone != 0;
    }

    private static void Control(SQLitePCL.sqlite3 connection, int what, void* value)
    {
        var code = FileControl(connection.DangerousGetHandle(), null, what, value);
        if (code != Ok) throw new InvalidOperationException($"SQLite refuses file control {what}: {code}.");
    }

    // Behind what the system's VFS keeps of a file.
    private static int StateAt => (_system->FileSize + 7) & ~7;

    private static State* StateOf(File* file) => (State*)((byte*)file + StateAt);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Vfs* vfs, byte* name, File* file, int flags, int* outFlags)
    {
        var code = _system->Open(_system, name, file, flags, outFlags);
        if (code != Ok || file->Functions is null || (flags & (MainFile | Journal)) == 0) return code;
        *StateOf(file) = default;
        file->Functions = (Functions*)((flags & MainFile) != 0
            ? MainFunctions.GetOrAdd((nint)file->Functions, static system => With(system, &ReadMain, &WriteMain))
            : JournalFunctions.GetOrAdd((nint)file->Functions, WithJournal));
        StateOf(file)->Name = (nint)name;
        return code;
    }

    /// <summary>What a log held is in the store's file when SQLite deletes it. Its mark goes first: one without a log tells of a loss.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Delete(Vfs* vfs, byte* name, int syncFolder)
    {
        try
        {
            var path = Marshal.PtrToStringUTF8((nint)name)!;
            if (path.EndsWith("-wal", StringComparison.Ordinal)) System.IO.File.Delete(JournalMark.PathOf(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return DeleteError;
        }

        return _system->Delete(_system, name, syncFolder);
    }

    private static nint WithJournal(nint system)
    {
        var ours = (Functions*)With(system, &ReadJournal, &WriteJournal);
        ours->Truncate = &TruncateJournal;
        ours->Sync = &SyncJournal;
        ours->Close = &CloseJournal;
        return (nint)ours;
    }

    private static nint With(
        nint system,
        delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> read,
        delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> write)
    {
        var ours = (Functions*)NativeMemory.AllocZeroed((nuint)sizeof(Functions));
        // Version 2, which ends before the functions of memory-mapped pages: those would be read past us.
        NativeMemory.Copy((void*)system, ours, WithoutMappedPages);
        ours->Version = 2;
        ours->Read = read;
        ours->Write = write;
        ours->Sync = &SyncMain;
        ours->System = (Functions*)system;
        return (nint)ours;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ReadMain(File* file, byte* bytes, int count, long at)
    {
        var code = file->Functions->System->Read(file, bytes, count, at);
        var state = StateOf(file);
        if (code == Ok) NoticeChecks(state, bytes, count, at);
        if (state->IsChecked == 0 || !IsPage(count, at) || code is not (Ok or ShortRead)) return code;
        return code == Ok && PageCheck.Holds(new Span<byte>(bytes, count), (at / count) + 1) ? Ok : NotWhatWasWritten;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int WriteMain(File* file, byte* bytes, int count, long at)
    {
        var state = StateOf(file);
        NoticeChecks(state, bytes, count, at);
        if (state->IsChecked != 0 && IsPage(count, at)) PageCheck.Write(new Span<byte>(bytes, count), (at / count) + 1);
        return Write(file, bytes, count, at);
    }

    /// <summary>The first page says whether pages have checks. Never taken back: one that says otherwise later is damaged, or of before the upgrade.</summary>
    private static void NoticeChecks(State* state, byte* bytes, int count, long at)
    {
        if (at == 0 && count >= FileHeader && bytes[PageCheck.Place] == PageCheck.Size) state->IsChecked = 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ReadJournal(File* file, byte* bytes, int count, long at)
    {
        var code = file->Functions->System->Read(file, bytes, count, at);
        if (code is not (Ok or ShortRead) || StateOf(file)->IsUnsure != 0 || !IsFrame(count, at)) return code;
        // Cut off while it is open: SQLite asks for no frame that was not written.
        if (code == ShortRead) return NotWhatWasWritten;
        Span<byte> around = stackalloc byte[JournalCheck.FrameHeader];
        Span<byte> before = stackalloc byte[8];
        var frame = at - JournalCheck.FrameHeader;
        // The check before the frame: the last bytes of the log's header, or of the header of the frame before.
        var checkBefore = frame == JournalCheck.Header ? JournalCheck.Header - 8 : frame - count - 8;
        Span<byte> magic = stackalloc byte[4];
        if (!TryRead(file, magic, 0) || !TryRead(file, around, frame) || !TryRead(file, before, checkBefore)) return NotWhatWasWritten;
        return JournalCheck.Holds(magic, before, around, new ReadOnlySpan<byte>(bytes, count)) ? Ok : NotWhatWasWritten;
    }

    /// <summary>
    /// A page that outgrew the cache within a transaction is written again in its place; SQLite corrects the checks behind it at the
    /// commit. Until then this connection, which alone reads those frames, cannot compare.
    /// </summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int WriteJournal(File* file, byte* bytes, int count, long at)
    {
        var state = StateOf(file);
        var isCommitted = false;
        if (at == 0 && count == JournalCheck.Header)
        {
            // It begins anew: with other salts, and no commit yet.
            state->Salts = *(long*)(bytes + SaltsAt);
            (state->CommitEnd, state->MarkedEnd) = (0, 0);
        }
        else if (count == JournalCheck.FrameHeader)
        {
            state->PageExpectedAt = at + count;
            // The last frame of a commit says how many pages the database has then.
            state->IsCommit = BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(bytes + 4, 4)) != 0 ? 1 : 0;
            if (state->IsCommit != 0) state->IsUnsure = 0;
            // A commit that was flushed and failed behind that, as when the log's index cannot grow, is written over.
            if (at < state->MarkedEnd && !TryForget(state)) return Failed(state, WriteError);
        }
        else if (IsFrame(count, at))
        {
            if (state->PageExpectedAt != at) state->IsUnsure = 1;
            else isCommitted = state->IsCommit != 0;
            state->PageExpectedAt = 0;
            if (at < state->CommitEnd) state->CommitEnd = 0;
        }

        var code = Write(file, bytes, count, at);
        if (code != Ok) return Failed(state, code);
        // Only now: of a frame that did not fit, SQLite knows nothing, and nothing may be asked of the log.
        if (isCommitted) state->CommitEnd = at + count;
        return Ok;
    }

    /// <summary>What was written since the last mark is not known to be in the log: the mark of before stands, and asks for less.</summary>
    private static int Failed(State* state, int code)
    {
        state->CommitEnd = 0;
        return code;
    }

    /// <summary>SQLite calls a disk full, and takes a quota or a limit of the size of files for an error of the disk.</summary>
    private static int Write(File* file, byte* bytes, int count, long at)
    {
        var code = file->Functions->System->Write(file, bytes, count, at);
        if (code != WriteError) return code;
        var error = 0;
        return file->Functions->System->Control(file, LastError, &error) == Ok && error is QuotaReached or FileTooLarge ? Full : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SyncJournal(File* file, int flags)
    {
        var state = StateOf(file);
        var code = Flush(file, flags);
        if (code != Ok) return Failed(state, code);
        if (state->CommitEnd == 0) return Ok;
        try
        {
            Span<byte> salts = stackalloc byte[sizeof(long)];
            if (state->Salts == 0 && TryRead(file, salts, SaltsAt)) state->Salts = MemoryMarshal.Read<long>(salts);
            MemoryMarshal.Write(salts, state->Salts);
            MarkOf(state).Note(salts, state->CommitEnd);
            state->MarkedEnd = state->CommitEnd;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // On a full disk, or beyond a limit of the size of files, which .NET reports as an argument. The commit is on the disk; the
            // mark of before stands, and asks for less.
        }

        state->CommitEnd = 0;
        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SyncMain(File* file, int flags) => Flush(file, flags);

    /// <summary>
    /// Linux reports a flush that failed once, and takes the pages for written. A later flush of the same open file would succeed and mean
    /// nothing: it fails too, also where SQLite tells nobody, as in the checkpoint behind a commit.
    /// </summary>
    private static int Flush(File* file, int flags)
    {
        var state = StateOf(file);
        if (state->FlushFailed != 0) return FlushError;
        var code = file->Functions->System->Sync(file, flags);
        if (code != Ok) state->FlushFailed = 1;
        return code;
    }

    /// <summary>A log that is emptied is in the store's file by then, as one that is deleted.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int TruncateJournal(File* file, long size)
    {
        if (size == 0 && !TryForget(StateOf(file))) return TruncateError;
        return file->Functions->System->Truncate(file, size);
    }

    private static bool TryForget(State* state)
    {
        try
        {
            MarkOf(state).Forget();
            state->MarkedEnd = 0;
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static JournalMark MarkOf(State* state)
    {
        if (state->Mark == 0) state->Mark = GCHandle.ToIntPtr(GCHandle.Alloc(JournalMark.Open(Marshal.PtrToStringUTF8(state->Name)!)));
        return (JournalMark)GCHandle.FromIntPtr(state->Mark).Target!;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CloseJournal(File* file)
    {
        var state = StateOf(file);
        if (state->Mark != 0)
        {
            var mark = GCHandle.FromIntPtr(state->Mark);
            ((JournalMark)mark.Target!).Dispose();
            mark.Free();
            state->Mark = 0;
        }

        return file->Functions->System->Close(file);
    }

    private static bool TryRead(File* file, Span<byte> into, long at)
    {
        fixed (byte* bytes = into) return file->Functions->System->Read(file, bytes, into.Length, at) == Ok;
    }

    private static bool IsPageSize(int count) => count is >= SmallestPage and <= LargestPage && (count & (count - 1)) == 0;

    private static bool IsPage(int count, long at) => IsPageSize(count) && at % count == 0;

    private static bool IsFrame(int count, long at) =>
        IsPageSize(count) && (at - JournalCheck.Header - JournalCheck.FrameHeader) % (count + JournalCheck.FrameHeader) == 0;
}
