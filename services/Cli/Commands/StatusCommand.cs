using System.CommandLine;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw status</c>: how every service stands.</summary>
internal static class StatusCommand
{
    private static readonly string[] Headers = ["service", "tenants", "stores", "queue", "waiting", "behind", "parked", "quarantined", "lost", "free", "broker"];

    public static Command Create(Settings settings)
    {
        var command = new Command("status", "How every service stands: municipalities, what waits, what is behind, parked or out of service, the broker.");
        command.Does(settings, async (_, output, connection, cancel) =>
        {
            await connection.AuthenticateAsync(cancel);
            var standings = await Standing.OfAllAsync(connection, cancel);
            output.Show(standings, all => output.Table(Headers, all.Select(Row)));
            foreach (var failure in standings.Select(standing => standing.Failure).OfType<Failure>()) output.Show(failure);
            return standings.Select(standing => standing.Failure?.ExitCode ?? ExitCode.Done).Max();
        });
        return command;
    }

    private static string[] Row(Standing standing)
    {
        if (standing.Status is not { } status) return [standing.Service, "does not answer", .. Headers.Skip(2).Select(_ => "")];
        return
        [
            standing.Service,
            status.Suspended == 0 ? $"{status.Municipalities}" : $"{status.Municipalities}, {status.Suspended} suspended",
            $"{status.Stores}", $"{status.QueueDepth}",
            status.Broker.WaitingSince is { } since ? $"{status.Broker.Waiting} for {Texts.Span(status.Time.ToDateTimeOffset() - since.ToDateTimeOffset())}" : $"{status.Broker.Waiting}",
            $"{status.Behind.Count}", $"{status.Parked.Sum(store => store.Count)}", $"{status.Quarantined.Count}", $"{status.Lost.Count}",
            Texts.Bytes(status.FreeBytes),
            !status.Broker.Used ? "in process" : status.Broker.Fault.Length > 0 ? status.Broker.Fault : "reached",
        ];
    }
}
