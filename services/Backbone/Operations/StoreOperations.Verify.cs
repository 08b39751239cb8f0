using System.Security.Cryptography;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;

namespace BeschutWerk.Backbone.Operations;

/// <content>Looking a store through.</content>
internal sealed partial class StoreOperations<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    private const int PersonsAtOnce = 500;

    public override async Task<VerifyStoreResponse> VerifyAsync(EventTransport transport, CancellationToken cancel)
    {
        if (!store.Exists) throw Refusal.NotFound("store: nothing was recorded in it yet").ToException();
        var answer = new VerifyStoreResponse { Source = store.Identity().Source, Position = Read(EventLog.Head, cancel) };
        await Task.Run(() => VerifyFile(answer, cancel), cancel);
        foreach (var (key, applied) in Read(session => Sources.All(session.Command), cancel)) await CompareAsync(answer, transport, key, applied, cancel);
        var parked = Read(session => ParkedEvents.Count(session.Command), cancel).Count;
        if (parked > 0) Add(answer, "PARKED", $"{parked} events wait for an operator.", "List them, mend the cause and requeue them, or drop them with a reason.");
        return answer;
    }

    private void VerifyFile(VerifyStoreResponse answer, CancellationToken cancel)
    {
        var damage = Read(session => session.Command("PRAGMA integrity_check(5)").ExecuteScalar(), cancel) as string;
        if (damage != "ok") Add(answer, "DAMAGED", $"SQLite finds the file damaged: {damage}", "Restore the store from its newest backup.");
        var check = Read(session => AuditCheck.Of(session.Command), cancel);
        answer.Linked = check.Linked;
        if (check.Broken is { } broken) Add(answer, "ALTERED", broken, "Somebody wrote into the file past the service: find out who could, and compare with the newest backup in which it is not so.");
        foreach (var hole in Read(Holes, cancel)) Add(answer, "LOG_HAS_HOLES", hole, "Restore the store from a backup that was taken before; report it as a defect.");
        VerifyPersons(answer, cancel);
    }

    private static List<string> Holes(ReadSession<TStore> session)
    {
        var holes = new List<string>();
        using var row = session.Command("""
            SELECT events.source_id, COUNT(*), MAX(sequence), own_sources.events
            FROM events LEFT JOIN own_sources USING (source_id) WHERE events.source_id <= 0 GROUP BY events.source_id
            """).ExecuteReader();
        while (row.Read())
        {
            var (found, last) = (row.GetInt64(1), row.IsDBNull(3) ? row.GetInt64(2) : row.GetInt64(3));
            if (found != last) holes.Add($"Of the {last} events that the store raised{(row.GetInt32(0) < 0 ? " before a restore" : "")}, {found} are there.");
        }

        return holes;
    }

    private void VerifyPersons(VerifyStoreResponse answer, CancellationToken cancel)
    {
        var (after, unreadable) = (Array.Empty<byte>(), 0);
        while (!cancel.IsCancellationRequested)
        {
            var page = Read(session => PersonsAfter(session, after), cancel);
            if (page.Count == 0) break;
            after = page[^1].Id;
            foreach (var (id, box) in page)
            {
                try
                {
                    Read(session => session.Keys.Unseal(box, Ids.FromBytes(id)), cancel);
                    answer.Persons++;
                }
                catch (CryptographicException)
                {
                    unreadable++;
                }
            }
        }

        if (unreadable > 0) Add(answer, "PERSON_UNREADABLE", $"{unreadable} persons cannot be opened with the store's key.", "Restore the store from a backup that was taken before.");
    }

    private static List<(byte[] Id, byte[] Box)> PersonsAfter(ReadSession<TStore> session, byte[] after)
    {
        var persons = new List<(byte[], byte[])>();
        using var row = session.Command("SELECT person_id, sealed FROM persons WHERE person_id > $after ORDER BY person_id LIMIT $most")
            .Set("$after", after).Set("$most", PersonsAtOnce).ExecuteReader();
        while (row.Read()) persons.Add((row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)));
        return persons;
    }

    /// <summary>What was applied of a store against what that store holds now.</summary>
    private async Task CompareAsync(
        VerifyStoreResponse answer, EventTransport transport, SourceKey key, Dictionary<string, long> applied, CancellationToken cancel)
    {
        try
        {
            var page = await transport.ReadAsync(key, new SourcePoint("", 0), 1, cancel);
            var lost = new Dictionary<string, long>(Lineage.Lost(applied, page));
            // The source that it stamps now has no length of its own: whether it reaches as far must be looked up. It does
            // not where a file was put back by hand, without a new epoch.
            if (applied.GetValueOrDefault(page.Source) is > 0 and var far
                && (await transport.ReadAsync(key, new SourcePoint(page.Source, far - 1), 1, cancel)).Events.Count == 0)
            {
                lost[page.Source] = 1;
            }

            foreach (var (source, count) in lost)
            {
                var settled = Read(session => Sources.SettledOf(session.Command, source), cancel);
                if (count <= settled) continue;
                var many = source == page.Source ? "" : $"{count - settled} ";
                Add(
                    answer, "PRODUCER_LOST_EVENTS",
                    $"The last {many}events of {source} up to {applied[source] - settled} were applied here, and {key} does not hold them "
                    + "any more.",
                    $"Compare what they did here with {key}, and record there again what was lost, or restore this store to the same "
                    + "moment. Then settle them (bw lost settle).");
            }
        }
        catch (Exception error) when (error is RefusalException or RpcException)
        {
            Add(answer, "PRODUCER_UNREACHABLE", $"{key} does not say what it holds: {EventFaults.Describe(error)}.", "See how that service stands, and verify again.");
        }
    }

    private static void Add(VerifyStoreResponse answer, string code, string detail, string remedy) =>
        answer.Findings.Add(new StoreFinding { Code = code, Detail = detail, Remedy = remedy });
}
