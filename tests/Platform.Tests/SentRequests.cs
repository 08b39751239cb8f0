using Grpc.Core;

namespace BeschutWerk.Platform.Tests;

/// <summary>Sends what a call's client has to say.</summary>
internal static class SentRequests
{
    /// <summary>
    /// Sends all of it and says that this was all; stops without an error when the call was refused meanwhile. A write fails then with the
    /// refusal or as CANCELLED, whichever came first; the end of the answers always tells the refusal, so whoever sends must read on to it.
    /// </summary>
    public static async Task SendAsync<TRequest>(this IClientStreamWriter<TRequest> writer, params IEnumerable<TRequest> requests)
    {
        try
        {
            foreach (var request in requests) await writer.WriteAsync(request);
            await writer.CompleteAsync();
        }
        catch (RpcException)
        {
            // The answers tell why.
        }
    }
}
