using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>A call that has its effect in one store once, however often it comes: its answer is kept under its request_id.</summary>
internal sealed class OneCall<TStore>(StoreHandle<TStore> store, Caller caller, Guid requestId, string method, IMessage request)
    where TStore : StoreContext
{
    private CallKey Key => field ??= store.KeyOf(caller, requestId, method, request);

    /// <summary>What it was answered before; null when it was not.</summary>
    public TResponse? Answered<TResponse>() where TResponse : class, IMessage<TResponse>, new() =>
        store.Read(caller, session => RequestLog.Find<TResponse>(session.Statement, Key));

    /// <summary>Runs it, unless it was answered before.</summary>
    public Task<TResponse> WriteAsync<TResponse>(WriteInfo info, Func<WriteSession<TStore>, TResponse> run)
        where TResponse : class, IMessage<TResponse>, new()
    {
        // Without a key of its own it would get the answer of another call.
        if (requestId == Guid.Empty) throw new InvalidOperationException($"{method} writes and has no request_id.");
        var key = Key;
        return store.WriteAsync(info, session =>
        {
            if (RequestLog.Find<TResponse>(session.Statement, key) is { } earlier) return earlier;
            var answer = run(session);
            RequestLog.Add(session.Statement, key, answer, session.Now);
            return answer;
        }, here: true);
    }

    /// <summary>Keeps the answer in a file that is to become the store.</summary>
    public void Keep(Commands commands, StoreKeys keys, IMessage answer, DateTimeOffset now) =>
        RequestLog.Add(commands.GetStatement, keys.KeyOf(caller, requestId, method, request), answer, now);
}
