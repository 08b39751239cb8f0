using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Operations;

/// <content>Backup and restore.</content>
internal sealed partial class StoreOperations<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    private const int NoSpace = 28;

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
        var backup = backups.Find(Name, backupId);
        var path = backups.PathOf(Name, backupId);
        var prepared = await Task.Run(() => store.File.PrepareRestore(path, backups.KeyPath(Name.Service, backup.Key)));
        var answer = new RestoreStoreResponse { FormerSource = backup.Source };
        await store.ReplaceAsync(() =>
        {
            // Closed: what it raised is final now.
            if (store.File.CountMissing(path) is { } lost) answer.LostEvents = lost;
            var kept = store.File.KeptPath();
            if (store.File.Exists) answer.ReplacedFile = Path.Combine(Name.Service, "replaced", Path.GetFileName(kept));
            store.File.Finish(prepared, (commands, keys, contents) =>
            {
                (answer.Source, answer.Position) = (contents.Source, contents.Position);
                OperatorActs.Add(commands.Get, OperatorActs.Restored, backupId, reason, call.Info.Caller.Actor, clock.GetUtcNow());
                Once(call).Keep(commands, keys, answer, clock.GetUtcNow());
            });
            store.File.Replace(prepared, kept);
        });
        await restored();
        return answer;
    }, call.Info.Cancel);

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
        catch (IOException error) when (error.HResult == NoSpace)
        {
            throw Refusal.Of(ErrorReason.StorageFull, "The disk is full; nothing of this call was stored.").ToException();
        }
        finally
        {
            store.Maintenance.Release();
        }
    }
}
