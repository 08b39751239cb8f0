using System.CommandLine;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw acts</c>: what operators did to a store.</summary>
internal static class ActsCommand
{
    private static readonly string[] Headers = ["store", "when", "who", "act", "what", "why"];

    public static Command Create(Settings settings)
    {
        var (store, service) = (Inputs.Store(), Inputs.OneService());
        var command = new Command("acts", "What operators did to the stores of a municipality, or of the platform, newest first.") { store, service };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var found = await EveryStore<List<Act>>.AskAsync(
                Inputs.ServicesOf(parsed.GetValue(service)), parsed.GetValue(store)!, name => OfAsync(name, parsed.GetValue(store)!, connection, cancel));
            output.Show(found.Answers.SelectMany(acts => acts).OrderByDescending(act => act.At), all => output.Table(Headers, all.Select(Row)));
            return found.Tell(output);
        });
        return command;
    }

    private static async Task<List<Act>> OfAsync(string service, string store, Connection connection, CancellationToken cancel)
    {
        var (request, acts) = (new ListOperatorActsRequest { Service = service, Municipality = Inputs.CodeOf(store) }, new List<Act>());
        do
        {
            var page = await connection.AskAsync(service, at => new OperationsService.OperationsServiceClient(at).ListOperatorActsAsync(request, cancellationToken: cancel), cancel);
            acts.AddRange(page.Acts.Select(act => new Act($"{service}/{store}", act.ActedAt.ToDateTimeOffset(), act.Actor, act.Act, act.Subject, act.Reason, act.Event)));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return acts;
    }

    private static string[] Row(Act act) => [act.Store, Texts.Instant(act.At), act.Actor, act.Kind, act.Event is null ? act.Subject : $"{Texts.NameOf(act.Event)} {act.Subject}", act.Reason];

    /// <summary>Something that was done to a store; with the event, when one was dropped.</summary>
    private sealed record Act(string Store, DateTimeOffset At, string Actor, string Kind, string Subject, string Reason, CloudEvent? Event);
}
