using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Operations;

/// <content>Backup and restore.</content>
internal sealed partial class StoreOperations<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    public override Task<BackupStoreResponse> BackUpAsync(OperatorCall call, BackupFolder backups) => MaintainAsync(async () =>
    {
        if (!store.Exists) throw Refusal.NotFound("store: nothing was recorded in it yet").ToException();
        var once = Once(call);
        if (once.Answered<BackupStoreResponse>() is { } earlier) return earlier;
        var backup = await Task.Run(() => backups.Add(Name, store.File.Key, clock.GetUtcNow(), store.BackUp, store.File.KeepKey));
        return await once.WriteAsync(call.Info, session =>
        {
            OperatorActs.Add(session.Command, OperatorActs.BackedUp, backup.BackupId, "", session.Caller.Actor, session.Now);
            return new BackupStoreResponse { Backup = backup };
        });
    }, call.Info.Cancel);

    public override Task<RestoreStoreResponse> RestoreAsync(OperatorCall call, BackupFolder backups, string backupId, string reason) => MaintainAsync(async () =>
    {
        if (store is { Exists: true, Quarantine: null } && Once(call).Answered<RestoreStoreResponse>() is { } earlier) return earlier;
        try
        {
            var former = await Task.Run(() => Prepare(backups, backupId));
            var answer = new RestoreStoreResponse { FormerSource = former };
            await store.ReplaceAsync(() => Replace(answer, call, backupId, reason));
            await restored();
            return answer;
        }
        finally
        {
            // On a full disk it would keep the room that the next try needs. Once it is the store there is nothing to take away.
            PrivateFile.Discard(store.File.Prepared);
        }
    }, call.Info.Cancel);

    /// <summary>Makes the file that is to take the store's place.</summary>
    /// <returns>The source that its backup stamped; empty when it begins empty.</returns>
    private string Prepare(BackupFolder backups, string backupId)
    {
        if (store.File.PlaceFault is { } fault) throw Refusal.Of(ErrorReason.StateForbids, $"The store cannot be restored: {fault}.").ToException();
        if (backupId != BackupFolder.None)
        {
            var backup = backups.Find(Name, backupId);
            store.File.PrepareRestore(backups.PathOf(Name, backupId), backups.KeyPath(Name.Service, backup.Key));
            return backup.Source;
        }

        // What can be read is not given up by a slip of the pen.
        if (store is { Exists: true, Quarantine: null })
        {
            throw Refusal.Of(ErrorReason.StateForbids, "The store is served; only one that is lost begins empty.").ToException();
        }

        store.File.PrepareEmpty();
        return "";
    }

    private void Replace(RestoreStoreResponse answer, OperatorCall call, string backupId, string reason)
    {
        // Closed: what it raised is final now.
        if (store.File.CountMissing() is { } lost) answer.LostEvents = lost;
        var kept = store.File.KeptPath();
        if (store.File.Exists) answer.ReplacedFile = Path.Combine(Name.Service, "replaced", Path.GetFileName(kept));
        store.File.Finish((commands, keys, contents) =>
        {
            (answer.Source, answer.Position) = (contents.Source, contents.Position);
            OperatorActs.Add(commands.Get, OperatorActs.Restored, backupId, reason, call.Info.Caller.Actor, clock.GetUtcNow());
            Once(call).Keep(commands, keys, answer, clock.GetUtcNow());
        });
        store.File.Replace(kept);
    }

    private async Task<T> MaintainAsync<T>(Func<Task<T>> maintain, CancellationToken cancel)
    {
        await store.Maintenance.WaitAsync(cancel);
        try
        {
            return await maintain();
        }
        catch (InvalidDataException error)
        {
            throw BackupFolder.Unusable(error.Message);
        }
        catch (Exception error) when (StorageFaults.IsFull(error))
        {
            throw StorageFaults.Full();
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw StorageFaults.Failing(Name, error);
        }
        finally
        {
            store.Maintenance.Release();
        }
    }
}
