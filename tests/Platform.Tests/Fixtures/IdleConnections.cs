using System.Net;
using System.Net.Sockets;

namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>Connections of this machine to a port, on which nothing is asked.</summary>
internal sealed class IdleConnections : IDisposable
{
    private readonly List<Socket?> _sockets = [];

    /// <summary>How many of them the server has closed so far.</summary>
    public int Closed => _sockets.Count(IsClosed);

    /// <summary>Opens so many.</summary>
    public static async Task<IdleConnections> OpenAsync(int port, int count, CancellationToken cancel)
    {
        var all = new IdleConnections();
        for (var i = 0; i < count; i++) all._sockets.Add(await ConnectAsync(port, cancel));
        return all;
    }

    public void Dispose()
    {
        foreach (var socket in _sockets) socket?.Dispose();
    }

    private static async Task<Socket?> ConnectAsync(int port, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
            return socket;
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It was closed before it was seen to be open.
            socket.Dispose();
            return null;
        }
    }

    /// <summary>The server has sent its end, or broken the connection; of an HTTP/2 connection its settings come before.</summary>
    private static bool IsClosed(Socket? socket)
    {
        try
        {
            while (socket is not null && socket.Poll(0, SelectMode.SelectRead))
            {
                if (socket.Receive(new byte[1024]) == 0) return true;
            }

            return socket is null;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
