using System.CommandLine;
using System.CommandLine.Parsing;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using Grpc.Core;
using Spectre.Console;

namespace BeschutWerk.Host.Demo;

/// <summary>
/// The command <c>demo</c>: starts the platform, or finds one that runs, tells it the history of the letter, and compares the
/// figures.
/// </summary>
internal static class DemoCommand
{
    // Wide enough for the table where the output has no width of its own.
    private const int WidthOfFiles = 150;

    /// <summary>Exit code of what was told to stop before its end.</summary>
    private const int Interrupted = 130;

    public static Command Create(Func<ParseResult, PlatformOptions> optionsOf)
    {
        var exit = new Option<bool>("--exit") { Description = "Stop afterwards, with exit code 0 only if every figure equals the published one." };
        var platform = new Option<Uri?>("--platform")
        {
            Description = "Starts nothing: the platform runs already, with its token server at this address and its services on the same machine.",
            HelpName = "http://host:port",
            CustomParser = AddressOf,
        };
        var services = new Option<string[]>("--service") { Description = "With --platform: where a service is instead; may be repeated.", HelpName = "name=http://host:port" };
        var secret = new Option<FileInfo?>("--operator-secret") { Description = "With --platform: file with the secret of the first operator; identity/first-operator in the data folder if not said." };
        var command = new Command("demo", "Replays the history of the letter (Kamerstuk 29 817, nr. 145) and prints its figures, computed from the stored facts.")
        {
            exit, platform, services, secret,
        };
        command.SetAction((parsed, cancel) => parsed.GetValue(platform) is { } authority
            ? TellAsync(RunningPlatform.At(authority, parsed.GetValue(services) ?? [], parsed.GetValue(secret)?.FullName ?? RunningPlatform.SecretFileIn(optionsOf(parsed).DataFolder)), cancel)
            : StartAndTellAsync(optionsOf(parsed), parsed.GetValue(exit), cancel));
        return command;
    }

    private static Uri? AddressOf(ArgumentResult written)
    {
        if (Uri.TryCreate(written.Tokens.Single().Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
        written.AddError($"--platform {written.Tokens.Single().Value} is no address. Write http://host:port.");
        return null;
    }

    private static IAnsiConsole OurConsole()
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected) console.Profile.Width = WidthOfFiles;
        return console;
    }

    private static async Task<int> TellAsync(RunningPlatform platform, CancellationToken cancel)
    {
        try
        {
            return await new DemoRun(platform, OurConsole()).RunAsync(cancel) ? 0 : 1;
        }
        catch (Exception error) when (IsInterrupted(error, cancel))
        {
            return Interrupted;
        }
        catch (Exception error) when (error is HttpRequestException or RpcException { StatusCode: StatusCode.Unavailable })
        {
            throw new StartupException($"The platform at {platform.Authority} does not answer: {error.Message}", error);
        }
    }

    private static async Task<int> StartAndTellAsync(PlatformOptions options, bool exit, CancellationToken cancel)
    {
        var console = OurConsole();
        // Its clock runs from here, and it makes up its people while the platform starts.
        var demo = new DemoRun(RunningPlatform.Of(options), console);
        // The demo tells what happens; the platform only speaks up when something is wrong.
        var quiet = new Dictionary<string, string?>(options.Settings) { ["Logging:LogLevel:Default"] = "Warning" };
        await using var platform = PlatformHost.Build(options with { Settings = quiet });
        // A signal tells the platform first: it may be away before we know why.
        var stopping = platform.Lifetime.ApplicationStopping;
        try
        {
            await platform.StartAsync(cancel);
            var succeeded = await demo.RunAsync(cancel);
            if (!exit)
            {
                console.WriteLine($"gRPC on {options.GrpcAddress}, tokens and health on {options.Authority}. Stop with Ctrl+C.");
                await platform.WaitForShutdownAsync(cancel);
            }

            await platform.StopAsync(CancellationToken.None);
            return succeeded ? 0 : 1;
        }
        catch (Exception error) when (IsInterrupted(error, cancel) || IsInterrupted(error, stopping))
        {
            return Interrupted;
        }
    }

    private static bool IsInterrupted(Exception error, CancellationToken stop) =>
        stop.IsCancellationRequested && (error is OperationCanceledException or RpcException or HttpRequestException);
}
