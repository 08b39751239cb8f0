using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace BeschutWerk.TestProcesses;

/// <summary>Ports of loopback for the processes of tests and benchmarks. Compiled into every program that starts some.</summary>
internal static class FreePort
{
    // Below those that the system gives to outgoing connections: one of them could take a port between its choice and its use.
    private const int First = 10_000, Last = 32_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port that nobody listens on now, and that this program gave to nobody before.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            if (!Given.TryAdd(port, true)) continue;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next.
            }
        }
    }
}
