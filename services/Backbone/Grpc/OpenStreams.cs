using System.Diagnostics;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// The streams that run. A server that stops closes connections, also those whose streams are about to say so: a client
/// would see its connection fail and not why. Each has its last answer sent before the first connection is closed.
/// </summary>
/// <param name="lifetime">Says to streams that the server stops.</param>
/// <param name="log">Told of streams that were not waited for.</param>
public sealed class OpenStreams(IHostApplicationLifetime lifetime, ILogger<OpenStreams> log) : IHostedLifecycleService
{
    /// <summary>Time for what streams read to be stored and answered; a client that does not read its last answer is not waited for any longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For clients to read what was sent: .NET's lets a stream that still sends fail with its connection, also when the
    /// stream's last answer has arrived but nobody has read it yet.
    /// </summary>
    private static readonly TimeSpan ToRead = TimeSpan.FromMilliseconds(250);

    private int _open;
    private long _lastEnded;

    /// <summary>The stream is open until its last answer is sent.</summary>
    internal void Add(ServerCallContext context)
    {
        // Who comes now is told at once. Were the stream waited for, clients that come again at once would keep the server from its end.
        if (lifetime.ApplicationStopping.IsCancellationRequested) return;
        Interlocked.Increment(ref _open);
        context.GetHttpContext().Response.OnCompleted(() =>
        {
            Volatile.Write(ref _lastEnded, Stopwatch.GetTimestamp());
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
        while (InUse() && waited.Elapsed < Longest && !cancellationToken.IsCancellationRequested) await Task.Delay(5, CancellationToken.None);
        if (Volatile.Read(ref _open) is > 0 and var open) log.LogWarning("{Open} streams did not end within {Longest}; their clients see a lost connection.", open, Longest);
    }

    private bool InUse()
    {
        if (Volatile.Read(ref _open) > 0) return true;
        var lastEnded = Volatile.Read(ref _lastEnded);
        return lastEnded != 0 && Stopwatch.GetElapsedTime(lastEnded) < ToRead;
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
