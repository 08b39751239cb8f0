using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BeschutWerk.TestProcesses;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace BeschutWerk.TestBroker;

/// <summary>
/// A RabbitMQ node of our own, from Debian's package: its own folder and port mapper, every port on loopback. Gone with its
/// files at the end. Compiled into every program that needs a broker.
/// </summary>
/// <param name="raftLogBytes">Bytes after which quorum queues begin another log file; RabbitMQ's own default, 512 MB, is more than a test writes.</param>
internal sealed class BrokerNode(int raftLogBytes = 16 * 1024 * 1024) : IOwnBroker
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(120);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "broker-" + Guid.NewGuid().ToString("N")[..12]);
    private readonly int _epmdPort = FreePort.Next();
    private readonly int _distributionPort = FreePort.Next();
    private readonly int _port = FreePort.Next();
    private readonly int _managementPort = FreePort.Next();
    private Process? _epmd;
    private Process? _node;

    /// <summary>Address of the default virtual host.</summary>
    public Uri Amqp => new($"amqp://guest:guest@127.0.0.1:{_port}");

    /// <summary>Address of the management API.</summary>
    public Uri Management => new($"http://127.0.0.1:{_managementPort}/");

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Starts the node on what its folder holds, and waits until it takes connections.</summary>
    public async Task StartAsync()
    {
        var program = Directory.GetDirectories("/usr/lib/rabbitmq", "bin").Concat(Directory.GetDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*").Select(found => Path.Combine(found, "sbin")))
            .Select(found => Path.Combine(found, "rabbitmq-server")).First(File.Exists);
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, "enabled_plugins"), "[rabbitmq_management].\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "rabbitmq.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{_port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {_managementPort}
            log.file.level = warning
            disk_free_limit.absolute = 50MB
            raft.wal_max_size_bytes = {raftLogBytes}

            """);
        // In the foreground and not by the node itself, which would leave it behind.
        _epmd ??= Start("/usr/bin/epmd", ["-address", "127.0.0.1", "-port", $"{_epmdPort}"]);
        _node = Start(program, []);
        var limit = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            if (_node.HasExited || limit.Elapsed > LongestStart) throw new InvalidOperationException($"The broker did not start; its log is in {_folder}.");
            await Task.Delay(100);
        }
    }

    /// <summary>Ends the node at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        await EndAsync(_node);
        _node = null;
    }

    /// <summary>Removes everything that a killed node held.</summary>
    public void Wipe() => Directory.Delete(Data, recursive: true);

    public async ValueTask DisposeAsync()
    {
        await EndAsync(_node);
        await EndAsync(_epmd);
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["RABBITMQ_NODENAME"] = $"test{_port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{_port}",
            ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
            ["RABBITMQ_MNESIA_BASE"] = Data,
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "no-environment-of-the-machine"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
            // The script then becomes the node, so that its process id is the node's.
            ["RABBITMQ_ALLOW_INPUT"] = "true",
            // No spinning schedulers: what is tested needs the processors too.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-noinput +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = $"{_epmdPort}",
        }) start.Environment[name] = value;

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task EndAsync(Process? process)
    {
        if (process is null) return;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = await new ConnectionFactory { Uri = Amqp }.CreateConnectionAsync();
            using var http = new HttpClient();
            using var answer = await http.GetAsync(Management);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is BrokerUnreachableException or HttpRequestException)
        {
            return false;
        }
    }
}
