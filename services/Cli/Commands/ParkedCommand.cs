using System.CommandLine;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw parked</c>: events that failed for good and wait for an operator.</summary>
internal static class ParkedCommand
{
    private static readonly string[] Headers = ["store", "id", "parked at", "reason", "subject", "event"];

    public static Command Create(Settings settings) => new("parked", "Events that a store could not handle and that wait for an operator.") { List(settings), Requeue(settings), Drop(settings) };

    private static Command List(Settings settings)
    {
        var store = Inputs.Store();
        store.Arity = ArgumentArity.ZeroOrOne;
        var service = Inputs.OneService();
        var command = new Command("list", "Lists them; those of one subject are a chain. Without a municipality: all that there are.") { store, service };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var found = await EveryStore<List<Parked>>.AskAsync(Inputs.ServicesOf(parsed.GetValue(service)), parsed.GetValue(store) ?? "any municipality", async name =>
            {
                var parked = new List<Parked>();
                foreach (var code in await StoresAsync(name, parsed.GetValue(store), connection, cancel)) parked.AddRange(await OfAsync(name, code, connection, cancel));
                return parked;
            });
            output.Show(found.Answers.SelectMany(parked => parked), all => output.Table(Headers, all.Select(Row)));
            return found.Tell(output);
        });
        return command;
    }

    private static Command Requeue(Settings settings)
    {
        var (store, id, service, requestId) = (Inputs.Store(), Id(), Inputs.Service(), Inputs.RequestId());
        var command = new Command("requeue", "Handles the whole chain of a parked event again, in order.") { store, id, service, requestId };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var request = new RequeueParkedEventRequest
            {
                Municipality = Inputs.CodeOf(parsed.GetValue(store)!), RequestId = parsed.GetValue(requestId)!, Service = parsed.GetValue(service)!, ParkedId = parsed.GetValue(id),
            };
            var answer = await connection.ChangeAsync(request.Service, request.RequestId, at => new OperationsService.OperationsServiceClient(at).RequeueParkedEventAsync(request, cancellationToken: cancel), cancel);
            output.Done(answer, $"{answer.Handled} event(s) of the chain were handled.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Drop(Settings settings)
    {
        var (store, id, service, requestId) = (Inputs.Store(), Id(), Inputs.Service(), Inputs.RequestId());
        var (reason, yes) = (Inputs.Reason(), Inputs.Yes());
        var command = new Command("drop", "Gives up one parked event: it will have no effect there. The event and the reason are kept.") { store, id, service, reason, requestId, yes };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var request = new DropParkedEventRequest
            {
                Municipality = Inputs.CodeOf(parsed.GetValue(store)!), RequestId = parsed.GetValue(requestId)!, Service = parsed.GetValue(service)!, ParkedId = parsed.GetValue(id),
                Reason = parsed.GetValue(reason)!,
            };
            Confirmation.Require(parsed.GetValue(yes), output, $"Drop parked event {request.ParkedId} of {request.Service}/{parsed.GetValue(store)}? It will have no effect there.");
            var answer = await connection.ChangeAsync(request.Service, request.RequestId, at => new OperationsService.OperationsServiceClient(at).DropParkedEventAsync(request, cancellationToken: cancel), cancel);
            output.Done(answer, $"Event {answer.EventId} is dropped; {answer.Left} of its subject still wait.");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Which stores of a service to look in: the one that was named, or all that have something parked.</summary>
    private static async Task<IEnumerable<string>> StoresAsync(string service, string? store, Connection connection, CancellationToken cancel)
    {
        if (store is not null) return [Inputs.CodeOf(store)];
        var status = await connection.AskAsync(service, at => new OperationsService.OperationsServiceClient(at).GetStatusAsync(new GetStatusRequest { Service = service }, cancellationToken: cancel), cancel);
        return status.Parked.Select(found => found.Municipality);
    }

    private static async Task<List<Parked>> OfAsync(string service, string code, Connection connection, CancellationToken cancel)
    {
        var request = new ListParkedEventsRequest { Service = service, Municipality = code };
        var parked = new List<Parked>();
        do
        {
            var page = await connection.AskAsync(service, at => new OperationsService.OperationsServiceClient(at).ListParkedEventsAsync(request, cancellationToken: cancel), cancel);
            parked.AddRange(page.Parked.Select(item => new Parked($"{service}/{Inputs.NameOf(code)}", item.ParkedId, item.ParkedAt.ToDateTimeOffset(), item.Reason, item.Subject, item.Event)));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return parked;
    }

    private static string[] Row(Parked parked) => [parked.Store, $"{parked.ParkedId}", Texts.Instant(parked.ParkedAt), parked.Reason, parked.Subject, Texts.NameOf(parked.Event)];

    private static Argument<long> Id() => new("id") { Description = "The parked event, by its number in the store." };

    private sealed record Parked(string Store, long ParkedId, DateTimeOffset ParkedAt, string Reason, string Subject, CloudEvent Event);
}
