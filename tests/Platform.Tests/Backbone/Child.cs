using System.Diagnostics;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A process of its own on a data folder, to be killed.</summary>
internal static class Child
{
    /// <summary>The event about this subject kills the process that applies it.</summary>
    public const string Killer = "killer";

    /// <summary>Runs until its input ends.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (mode, folder) = (args[0], args[1]);
        if (mode == "upgrade")
        {
            using var store = SchemaUpgrade.Open(folder, SchemaUpgrade.Newer);
            return 0;
        }

        try
        {
            await using var host = await NotesHost.StartAsync(new NotesOptions(folder) { Ports = (int.Parse(args[2]), int.Parse(args[3])), Readers = Readers });
            if (mode == "follow")
            {
                Console.WriteLine("READY");
                await Console.In.ReadToEndAsync();
                return 0;
            }

            var client = new ClientRegistration("operator", OrganisationKind.Operator, "operator", "Operator", []);
            var secret = host.Services.GetRequiredService<Clients>().RegisterAll([client], renewSecret: _ => true)[0].NewSecret;
            Console.WriteLine($"READY {secret}");
            await Console.In.ReadToEndAsync();
            return 0;
        }
        catch (StartupException refused)
        {
            // Its own time, not the machine's: how busy that is says nothing about how long it waited for the lock.
            Console.WriteLine($"REFUSED {Environment.CpuUsage.TotalTime.TotalMilliseconds:0} {refused.Message}");
            return 1;
        }
    }

    private static void Readers(BeschutWerk.Backbone.ServiceDefinition<ReaderStore, ReaderPlatform> service) =>
        service.Tenant.On<CaseOpened>("municipalities", (opened, received, session) =>
        {
            if (opened.CaseId == Killer) KillOurselves();
            session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject });
        });

    private static void KillOurselves()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}

/// <summary>A child process as its parent sees it.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Whether it lives no more.</summary>
    public bool IsDead => _process.HasExited;

    public static ChildProcess Start(string mode, string folder, (int Grpc, int Http) ports = default, string? failPoint = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["child", mode, folder, $"{ports.Grpc}", $"{ports.Http}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        };
        // Under `dotnet test` the program runs as an assembly of the dotnet host.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Insert(0, typeof(Child).Assembly.Location);
        // Its hosts log nothing, and without logs and traces ASP.NET Core does not look at the trace of a call.
        start.Environment["Telemetry__Tracing"] = "true";
        start.Environment["FAIL_POINT"] = failPoint;
        if (failPoint is null) start.Environment.Remove("FAIL_POINT");
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>The next line of its output; null at the end, because it died.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancel) =>
        await _process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), cancel);

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync(CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel).WaitAsync(TimeSpan.FromSeconds(60), cancel);
        return _process.ExitCode;
    }

    /// <summary>Asks it to stop, and waits.</summary>
    public async Task<int> StopAsync(CancellationToken cancel)
    {
        _process.StandardInput.Close();
        return await ExitAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
