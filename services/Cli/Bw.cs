using System.CommandLine;
using BeschutWerk.Cli.Commands;

namespace BeschutWerk.Cli;

/// <summary>The command <c>bw</c>.</summary>
internal static class Bw
{
    /// <summary>Runs it.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancel = default)
    {
        var settings = new Settings();
        var parsed = Root(settings).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var wrong in parsed.Errors) await error.WriteLineAsync($"bw: {wrong.Message}");
            await error.WriteLineAsync("bw --help says what can be written.");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false }, cancel);
        }
        catch (Failure failure)
        {
            new Output(output, error, settings.Json(parsed)).Show(failure);
            return failure.ExitCode;
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or Grpc.Core.RpcException { StatusCode: Grpc.Core.StatusCode.Cancelled })
        {
            return ExitCode.Interrupted;
        }
        catch (Exception unforeseen)
        {
            new Output(output, error, settings.Json(parsed)).Show(new Failure(ExitCode.Refused, $"Something unforeseen happened, which is a defect of bw: {unforeseen.GetType().Name}: {unforeseen.Message}"));
            return ExitCode.Refused;
        }
    }

    /// <summary>All commands.</summary>
    public static RootCommand Root(Settings settings)
    {
        var root = new RootCommand("Operates the platform for sheltered work.")
        {
            StatusCommand.Create(settings),
            EventsCommand.Create(settings),
            ParkedCommand.Create(settings),
            LostCommand.Create(settings),
            FlowCommand.Create(settings),
            TenantsCommand.Create(settings),
            BackupCommand.Create(settings),
            RestoreCommand.Create(settings),
            ActsCommand.Create(settings),
            DoctorCommand.Create(settings),
            BrokerCommand.Create(settings),
        };
        foreach (var option in settings.Options) root.Options.Add(option);
        return root;
    }

    /// <summary>What a command does, with somewhere to write and the platform to ask.</summary>
    public static void Does(this Command command, Settings settings, Func<ParseResult, Output, Connection, CancellationToken, Task<int>> run) =>
        command.SetAction(async (parsed, cancel) =>
        {
            using var connection = new Connection(settings.Addresses(parsed), settings.Authority(parsed), () => settings.Credentials(parsed));
            return await run(parsed, settings.OutputOf(parsed), connection, cancel);
        });
}
