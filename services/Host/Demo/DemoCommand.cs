using System.CommandLine;
using Spectre.Console;

namespace BeschutWerk.Host.Demo;

/// <summary>The command <c>demo</c>: starts the platform, tells it the history of the letter, and compares the figures.</summary>
internal static class DemoCommand
{
    // Wide enough for the table where the output has no width of its own.
    private const int WidthOfFiles = 150;

    public static Command Create(Func<ParseResult, PlatformOptions> optionsOf)
    {
        var exit = new Option<bool>("--exit") { Description = "Stop afterwards, with exit code 0 only if every figure equals the published one." };
        var command = new Command("demo", "Replays the history of the letter (Kamerstuk 29 817, nr. 145) and prints its figures, computed from the stored facts.") { exit };
        command.SetAction((parsed, cancel) => RunAsync(optionsOf(parsed), parsed.GetValue(exit), cancel));
        return command;
    }

    private static async Task<int> RunAsync(PlatformOptions options, bool exit, CancellationToken cancel)
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected) console.Profile.Width = WidthOfFiles;

        // The demo tells what happens; the platform only speaks up when something is wrong.
        var quiet = new Dictionary<string, string?>(options.Settings) { ["Logging:LogLevel:Default"] = "Warning" };
        await using var platform = PlatformHost.Build(options with { Settings = quiet });
        await platform.StartAsync(cancel);
        var succeeded = await new DemoRun(platform, options, console).RunAsync(cancel);
        if (!exit)
        {
            console.WriteLine($"gRPC on {options.GrpcAddress}, tokens and health on {options.Authority}. Stop with Ctrl+C.");
            await platform.WaitForShutdownAsync(cancel);
        }

        await platform.StopAsync(CancellationToken.None);
        return succeeded ? 0 : 1;
    }
}
