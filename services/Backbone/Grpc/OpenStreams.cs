using System.Diagnostics;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// The streams that run. A server that stops closes connections, also those whose streams are about to say so: a client
/// would see its connection fail and not why. Each has its last answer sent before the first connection is closed.
/// </summary>
/// <param name="lifetime">Says to streams that the server stops.</param>
public sealed class OpenStreams(IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    /// <summary>A client that does not read its last answer is not waited for any longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    private int _open;

    /// <summary>The stream is open until its last answer is sent.</summary>
    internal void Add(ServerCallContext context)
    {
        Interlocked.Increment(ref _open);
        context.GetHttpContext().Response.OnCompleted(() =>
        {
            Interlocked.Decrement(ref _open);
            return Task.CompletedTask;
        });
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // It comes after this, unless a signal stopped the process.
        lifetime.StopApplication();
        var waited = Stopwatch.StartNew();
        while (Volatile.Read(ref _open) > 0 && waited.Elapsed < Longest && !cancellationToken.IsCancellationRequested) await Task.Delay(5, CancellationToken.None);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
