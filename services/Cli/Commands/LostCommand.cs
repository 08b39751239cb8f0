using System.CommandLine;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw lost</c>: events that a store applied and that their own store lost by a restore.</summary>
internal static class LostCommand
{
    private static readonly string[] Headers = ["store", "source", "from", "to"];

    public static Command Create(Settings settings) =>
        new("lost", "Events that a store applied and that their own store lost by a restore, until somebody settles them.")
        {
            List(settings), Settle(settings),
        };

    private static Command List(Settings settings)
    {
        var store = Inputs.Store();
        store.Arity = ArgumentArity.ZeroOrOne;
        var service = Inputs.OneService();
        var command = new Command("list", "Lists them by the store that applied them. Without a municipality: all that there are.")
        {
            store, service,
        };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var named = parsed.GetValue(store);
            var found = await EveryStore<List<Lost>>.AskAsync(
                Inputs.ServicesOf(parsed.GetValue(service)), named ?? "any municipality", name => OfAsync(name, named, connection, cancel));
            output.Show(found.Answers.SelectMany(lost => lost), all => output.Table(Headers, all.Select(Row)));
            return found.Tell(output);
        });
        return command;
    }

    private static Command Settle(Settings settings)
    {
        var (store, service) = (Inputs.Store(), Inputs.Service());
        var (reason, requestId, yes) = (Inputs.Reason(), Inputs.RequestId(), Inputs.Yes());
        var source = new Argument<string>("source") { Description = "The source that stamped them, as bw lost list names it." };
        var from = new Option<long>("--from") { Description = "Sequence of the first of them.", Required = true };
        var to = new Option<long>("--to") { Description = "Sequence of the last of them.", Required = true };
        var command = new Command(
            "settle", "Records that what was missing was recorded again, or need not be: nobody is told of it any more. Keeps the reason.")
        {
            store, source, from, to, service, reason, requestId, yes,
        };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var request = new SettleLostEventsRequest
            {
                Municipality = Inputs.CodeOf(parsed.GetValue(store)!), Service = parsed.GetValue(service)!,
                RequestId = parsed.GetValue(requestId)!,
                Source = parsed.GetValue(source)!, FromSequence = parsed.GetValue(from), ToSequence = parsed.GetValue(to),
                Reason = parsed.GetValue(reason)!,
            };
            Confirmation.Require(
                parsed.GetValue(yes), output,
                $"Settle events {request.FromSequence} to {request.ToSequence} in {request.Service}/{parsed.GetValue(store)}? "
                + "Nobody is told of them any more.");
            var answer = await connection.ChangeAsync(
                request.Service, request.RequestId,
                at => new OperationsService.OperationsServiceClient(at).SettleLostEventsAsync(request, cancellationToken: cancel), cancel);
            output.Done(answer, $"{answer.Settled} event(s) are settled.");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<List<Lost>> OfAsync(string service, string? store, Connection connection, CancellationToken cancel)
    {
        var request = new GetStatusRequest { Service = service };
        var status = await connection.AskAsync(
            service, at => new OperationsService.OperationsServiceClient(at).GetStatusAsync(request, cancellationToken: cancel), cancel);
        return [.. status.Lost.Where(lost => store is null || lost.Municipality == Inputs.CodeOf(store))
            .Select(lost => new Lost($"{service}/{Inputs.NameOf(lost.Municipality)}", lost.Source, lost.FromSequence, lost.ToSequence))];
    }

    private static string[] Row(Lost lost) => [lost.Store, lost.Source, $"{lost.From}", $"{lost.To}"];

    private sealed record Lost(string Store, string Source, long From, long To);
}
