using BeschutWerk.Contracts.Backbone;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Backbone.Store;

/// <summary>Which errors are the storage's own, and not those of the statement that met them.</summary>
public static class StorageFaults
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int NoMemory = 7;
    private const int ReadOnly = 8;
    private const int Interrupted = 9;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int DiskFull = 13;
    private const int CannotOpen = 14;
    private const int Protocol = 15;
    private const int NotADatabase = 26;

    /// <summary>The extended code of a file that was deleted or replaced while it is open.</summary>
    internal const int Moved = ReadOnly | (4 << 8);

    /// <summary>The extended code of a file of which the file system says that it is damaged.</summary>
    private const int BadFileSystem = IoError | (33 << 8);

    /// <summary>What was written may not be on the disk, and the system does not write it again.</summary>
    private const int FlushFailed = IoError | (4 << 8);

    /// <summary>The index of the journal cannot grow: it takes room, and its file is written for nothing else.</summary>
    private const int NoRoomForIndex = IoError | (19 << 8);

    /// <summary>What the system reports of files that are written without SQLite: no room on the disk, or none of the quota.</summary>
    private const int NoSpace = 28, QuotaReached = 122;

    /// <summary>What SQLite reported, also where EF Core wrapped it; null when it was not SQLite.</summary>
    public static SqliteException? Of(Exception error) => error switch
    {
        SqliteException sqlite => sqlite,
        DbUpdateException { InnerException: SqliteException sqlite } => sqlite,
        _ => null,
    };

    /// <summary>Whether the same statement may succeed when the storage is well again.</summary>
    public static bool IsStorage(Exception error) => IsFull(error) || Of(error)?.SqliteErrorCode
        is Busy or Locked or NoMemory or ReadOnly or Interrupted or IoError or Corrupt or CannotOpen or Protocol or NotADatabase;

    /// <summary>Whether the disk has no room.</summary>
    public static bool IsFull(Exception error) =>
        Of(error) is { SqliteErrorCode: DiskFull } or { SqliteExtendedErrorCode: NoRoomForIndex }
        || error is IOException { HResult: NoSpace or QuotaReached };

    /// <summary>What the system reports of a file that is read or written without SQLite, as SQLite would report it.</summary>
    /// <returns>What the work answers.</returns>
    internal static T OfFiles<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ArgumentOutOfRangeException error)
        {
            // What .NET makes of a limit of the size of files (EFBIG).
            throw new SqliteException(error.Message, DiskFull, DiskFull);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException && !IsFull(error))
        {
            throw new SqliteException(error.Message, IoError, IoError);
        }
    }

    /// <summary>The same of work that answers nothing.</summary>
    internal static void OfFiles(Action work) => OfFiles(() =>
    {
        work();
        return true;
    });

    /// <summary>What callers are told of an error that may pass: they come back.</summary>
    internal static RefusalException Failing(StoreName store, Exception error) => Refusal.Of(
        ErrorReason.StoreFailing, $"The store {store} cannot be used now (SQLite reports {Of(error)?.SqliteExtendedErrorCode}); try again.").ToException();

    /// <summary>What callers are told of a disk that has no room.</summary>
    internal static RefusalException Full() =>
        Refusal.Of(ErrorReason.StorageFull, "The disk is full; nothing of this call was stored.").ToException();

    /// <summary>The file was deleted or replaced while it is open.</summary>
    internal static SqliteException Gone() => new("The file was deleted or replaced while it was open.", ReadOnly, Moved);

    /// <summary>The disk has no room, as is known before anything is written.</summary>
    internal static SqliteException NoRoom() => new("The disk has too little room for what is to be written.", DiskFull, DiskFull);

    /// <summary>The file is not what was written.</summary>
    internal static SqliteException Damaged(string what) => new(what, Corrupt, Corrupt);

    /// <summary>Whether the statement was ended because nobody waited for it.</summary>
    public static bool IsInterrupted(Exception error) => Of(error)?.SqliteErrorCode == Interrupted;

    /// <summary>An error of the disk, which may pass.</summary>
    public static bool IsIo(Exception error) => Of(error)?.SqliteErrorCode == IoError && !IsFull(error);

    /// <summary>
    /// A flush failed. Linux reports it once and then takes the pages for written: the next flush succeeds, and what was acknowledged since
    /// the last good one can be lost.
    /// </summary>
    public static bool IsFailedFlush(Exception error) => Of(error)?.SqliteExtendedErrorCode == FlushFailed;

    /// <summary>The file is damaged: it will not get well by itself.</summary>
    public static bool IsDamage(Exception error) =>
        Of(error) is { SqliteErrorCode: Corrupt or NotADatabase } or { SqliteExtendedErrorCode: BadFileSystem or Moved };
}
