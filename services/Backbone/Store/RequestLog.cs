using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// Answers by request_id and caller, stored in the transaction of their effect, for 30 days. A refusal leaves no row: asked
/// again it is decided again.
/// </summary>
internal static class RequestLog
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private const int PurgeStep = 500;

    /// <summary>The earlier answer to this call; null when there is none.</summary>
    /// <exception cref="RefusalException">REQUEST_ID_REUSED: the caller used the id with another body, or for another call.</exception>
    public static TResponse? Find<TResponse>(Func<string, Statement> statement, CallKey call)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var row = statement("SELECT method, digest, answer, length(caller) FROM requests WHERE request_id = ?1 AND caller IN (?2, x'')");
        row.Bind(1, call.RequestId);
        row.Bind(2, call.Caller);
        TResponse? answer = null;
        var isReused = false;
        while (row.Step())
        {
            if (row.Text(0) == call.Method && row.Bytes(1).SequenceEqual(call.Digest))
            {
                answer = new TResponse();
                answer.MergeFrom(row.Bytes(2));
            }
            else if (row.Number(3) > 0)
            {
                // A row from before that is not this very call may be anybody's: of that nothing is said.
                isReused = true;
            }
        }

        row.Reset();
        return answer is null && isReused ? throw Refusal.RequestIdReused().ToException() : answer;
    }

    public static void Add(Func<string, Statement> statement, CallKey call, IMessage answer, DateTimeOffset now)
    {
        var insert = statement("""
            INSERT INTO requests (request_id, caller, method, digest, answer, answered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """);
        insert.Bind(1, call.RequestId);
        insert.Bind(2, call.Caller);
        insert.Bind(3, call.Method);
        insert.Bind(4, call.Digest);
        insert.Bind(5, answer.ToByteArray());
        insert.Bind(6, now.ToUnixTimeMilliseconds());
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
