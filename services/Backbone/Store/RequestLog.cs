using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// Answers by request_id, stored in the transaction of their effect, for 30 days. A refusal leaves no row: asked again it
/// is decided again.
/// </summary>
internal static class RequestLog
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private const int PurgeStep = 500;

    /// <summary>The earlier answer to this request; null when there is none.</summary>
    /// <exception cref="RefusalException">REQUEST_ID_REUSED: the id was used with another body, or by another caller.</exception>
    public static TResponse? Find<TResponse>(Func<string, Statement> statement, Guid requestId, string method, byte[] digest)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var row = statement("SELECT method, digest, answer FROM requests WHERE request_id = ?1");
        row.Bind(1, requestId);
        TResponse? answer = null;
        var found = row.Step();
        if (found && row.Text(0) == method && row.Bytes(1).SequenceEqual(digest))
        {
            answer = new TResponse();
            answer.MergeFrom(row.Bytes(2));
        }

        row.Reset();
        return found && answer is null
            ? throw Refusal.RequestIdReused().ToException()
            : answer;
    }

    public static void Add(Func<string, Statement> statement, Guid requestId, string method, byte[] digest, IMessage answer, DateTimeOffset now)
    {
        var insert = statement("INSERT INTO requests (request_id, method, digest, answer, answered_at) VALUES (?1, ?2, ?3, ?4, ?5)");
        insert.Bind(1, requestId);
        insert.Bind(2, method);
        insert.Bind(3, digest);
        insert.Bind(4, answer.ToByteArray());
        insert.Bind(5, now.ToUnixTimeMilliseconds());
        insert.Run();
    }

    /// <summary>Forgets answers older than 30 days, in steps small enough that calls go in between.</summary>
    public static async Task PurgeAsync<TStore>(StoreHandle<TStore> store, string service, TimeProvider clock) where TStore : StoreContext
    {
        var before = (clock.GetUtcNow() - Kept).ToUnixTimeMilliseconds();
        int gone;
        do
        {
            gone = await store.WriteAsync(WriteInfo.Capture(Caller.OfService(service)), session => session.Command("""
                DELETE FROM requests WHERE row_number IN
                  (SELECT row_number FROM (SELECT row_number, answered_at FROM requests ORDER BY row_number LIMIT $most) WHERE answered_at < $before)
                """).Set("$most", PurgeStep).Set("$before", before).ExecuteNonQuery());
        }
        while (gone == PurgeStep);
    }
}
