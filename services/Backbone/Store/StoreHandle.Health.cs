namespace BeschutWerk.Backbone.Store;

/// <content>What the storage does to the store, as its callers see it, and when that puts it out of service.</content>
public sealed partial class StoreHandle<TStore>
{
    /// <summary>A failure of the storage, counted and as its caller sees it.</summary>
    private Exception Noted(Exception fault)
    {
        NoteHealth([fault]);
        return AsSeen(fault)!;
    }

    /// <summary>A failure as its caller sees it: the one place that translates those of the storage.</summary>
    private Exception? AsSeen(Exception? error)
    {
        if (error is null || !StorageFaults.IsStorage(error)) return error;
        if (StorageFaults.IsFull(error)) return StorageFaults.Full();
        return _quarantine is not null ? OutOfService() : StorageFaults.Failing(Name, error);
    }

    /// <summary>
    /// Counts I/O errors in a row, one for a read and one for a commit; a damaged file or a failed flush counts for all. Only a commit that met no
    /// failure of the storage begins the count anew.
    /// </summary>
    private void NoteHealth(IEnumerable<Exception?> outcomes)
    {
        var faults = outcomes.OfType<Exception>().Where(StorageFaults.IsStorage).ToList();
        if (faults.Count == 0)
        {
            Volatile.Write(ref _storageErrors, 0);
            return;
        }

        var fault = faults.Find(StorageFaults.IsDamage) ?? faults.Find(StorageFaults.IsFailedFlush) ?? faults.Find(StorageFaults.IsIo);
        if (fault is null) return;
        if (StorageFaults.IsDamage(fault) || StorageFaults.IsFailedFlush(fault) || Interlocked.Increment(ref _storageErrors) >= _settings.StorageErrorsBeforeQuarantine)
        {
            var code = StorageFaults.Of(fault)!.SqliteExtendedErrorCode;
            var what = code == StorageFaults.Moved ? "its file was deleted or replaced while it was open"
                : StorageFaults.IsDamage(fault) ? "its file is damaged" : "its disk fails";
            Volatile.Write(ref _quarantine, $"{what} (SQLite reports {code}); restore it from a backup{HowToRestore}");
        }
    }

    /// <summary>The command of an operator that puts the store back into service.</summary>
    private string HowToRestore => $" (bw restore {Name.Origin} --service {Name.Service} --reason damaged)";
}
