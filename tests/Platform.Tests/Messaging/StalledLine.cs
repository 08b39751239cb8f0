using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>
/// Lies between a client and the broker. One connection on which the client speaks of a queue hears nothing from then on, and
/// is not closed either; every other passes.
/// </summary>
internal sealed class StalledLine : IAsyncDisposable
{
    private readonly Uri _broker;
    private readonly byte[] _at;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _lines = [];
    private readonly Task _accepting;
    private int _passing;
    private int _stalled;

    /// <param name="passing">Connections that speak of the queue before the one that stalls.</param>
    public StalledLine(Uri broker, string queue, int passing)
    {
        (_broker, _at, _passing) = (broker, Encoding.UTF8.GetBytes(queue), passing);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where the client finds it.</summary>
    public Uri Address => new UriBuilder(_broker) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;

    /// <summary>Whether a connection was stalled.</summary>
    public bool HasStalled => Volatile.Read(ref _stalled) != 0;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_lines);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _lines.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using var broker = new TcpClient();
        using (client)
        {
            try
            {
                await broker.ConnectAsync(IPAddress.Loopback, _broker.Port, ended.Token);
                var (spoke, stalled) = (false, false);
                var passing = new[]
                {
                    CopyAsync(client.GetStream(), broker.GetStream(), bytes =>
                    {
                        if (spoke || bytes.IndexOf(_at) < 0) return true;
                        spoke = true;
                        if (Interlocked.Decrement(ref _passing) >= 0) return true;
                        if (Interlocked.Exchange(ref _stalled, 1) == 0) Volatile.Write(ref stalled, true);
                        return true;
                    }, ended.Token),
                    CopyAsync(broker.GetStream(), client.GetStream(), _ => !Volatile.Read(ref stalled), ended.Token),
                };
                await Task.WhenAny(passing);
                await ended.CancelAsync();
                await Task.WhenAll(passing);
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // One of the two hung up, and so does the line.
            }
        }
    }

    private delegate bool Passes(ReadOnlySpan<byte> bytes);

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, Passes passes, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancel) is > 0 and var count)
        {
            if (passes(buffer.AsSpan(0, count))) await to.WriteAsync(buffer.AsMemory(0, count), cancel);
        }
    }
}
