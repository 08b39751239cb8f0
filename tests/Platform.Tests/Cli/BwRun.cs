using System.Diagnostics;
using System.Text.Json;
using BeschutWerk.Cli;
using BeschutWerk.Host;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary>What one run of <c>bw</c> wrote, and what it ended with.</summary>
internal sealed record BwRun(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>Its output as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Its output line by line.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs its root command in this process.</summary>
    public static async Task<BwRun> InProcessAsync(params IEnumerable<string> arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Longest);
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await Bw.RunAsync([.. arguments], output, error, limit.Token);
        return new BwRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs the program that lies beside the tests, in a folder and an environment of its own.</summary>
    public static async Task<BwRun> ProcessAsync(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        using var bw = Start(environment, arguments);
        bw.StandardInput.Close();
        return await EndAsync(bw);
    }

    /// <summary>Starts the program, for who wants to talk to it or to stop it.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        // A shell that runs the tests in the background lets them ignore Ctrl-C, and .NET leaves that to whoever it starts.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "bw"), .. arguments])
        {
            WorkingDirectory = Path.GetTempPath(), RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits until a started one is done.</summary>
    public static async Task<BwRun> EndAsync(Process bw)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Longest);
        var (output, error) = (bw.StandardOutput.ReadToEndAsync(limit.Token), bw.StandardError.ReadToEndAsync(limit.Token));
        await bw.WaitForExitAsync(limit.Token);
        return new BwRun(bw.ExitCode, await output, await error);
    }

    /// <summary>The options with which <c>bw</c> finds a platform and its first operator.</summary>
    public static string[] At(PlatformOptions platform) => ["--address", platform.GrpcAddress, "--authority", platform.Authority, "--data", platform.DataFolder];
}
