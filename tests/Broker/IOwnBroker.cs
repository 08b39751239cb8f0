namespace BeschutWerk.TestBroker;

/// <summary>A RabbitMQ broker of a test's own: it may be killed, wiped and started again, at the same address.</summary>
internal interface IOwnBroker : IAsyncDisposable
{
    /// <summary>Address of the default virtual host.</summary>
    Uri Amqp { get; }

    /// <summary>Address of the management API.</summary>
    Uri Management { get; }

    /// <summary>Starts it on what it holds, and waits until it takes connections.</summary>
    Task StartAsync();

    /// <summary>Ends it at once, as a crash would.</summary>
    Task KillAsync();

    /// <summary>Removes everything that it held; only after it was killed.</summary>
    void Wipe();
}
