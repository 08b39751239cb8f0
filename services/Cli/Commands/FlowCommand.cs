using System.CommandLine;
using BeschutWerk.Cli.Flows;
using BeschutWerk.Contracts.Backbone;
using Spectre.Console;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw flow</c>: everything that came of a call, or happened to a case, across the services.</summary>
internal static class FlowCommand
{
    public static Command Create(Settings settings)
    {
        var id = new Argument<string>("id") { Description = "Trace (32 hexadecimal digits), or case, advice request, offer or placement (UUID)." };
        var municipality = new Option<string>("--municipality") { Description = "Look in this municipality only (GM code), which is faster.", DefaultValueFactory = _ => "" };
        var service = Inputs.Service();
        service.Description = "The service that answers; it asks the others.";
        id.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !IsTrace(token.Value) && !Guid.TryParseExact(token.Value, "D", out _)) result.AddError($"{token.Value} is neither a trace id (32 hexadecimal digits) nor a UUID.");
        });
        var command = new Command("flow", "All events of a trace or a case, as a tree: what was called, what it raised, what others did because of it, and where it stands.") { id, municipality, service };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var request = new GetFlowRequest { Municipality = parsed.GetValue(municipality)!, Service = parsed.GetValue(service)! };
            var what = parsed.GetValue(id)!.ToLowerInvariant();
            if (IsTrace(what)) request.TraceId = what;
            else request.Ids.Add(what);
            var answer = await connection.AskAsync(request.Service, at => new OperationsService.OperationsServiceClient(at).GetFlowAsync(request, cancellationToken: cancel), cancel);

            output.Show(new { Id = what, Calls = FlowTree.Of(answer.Events), answer.Unreachable, answer.Truncated }, flow => Tree(output, flow.Id, flow.Calls));
            if (answer.Truncated) output.Say("bw: There are more events than these; name a municipality, or a single offer or placement.");
            if (answer.Unreachable.Count > 0) throw new Failure(ExitCode.OutOfReach, $"Events of {string.Join(", ", answer.Unreachable)} are missing: no answer from there.");
            if (answer.Events.Count == 0) throw Failure.NotFound($"No log holds an event of {what}.");
            return ExitCode.Done;
        });
        return command;
    }

    private static bool IsTrace(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigit);

    private static Tree Tree(Output output, string id, IReadOnlyList<FlowCall> calls)
    {
        var tree = output.Tree(id);
        foreach (var call in calls)
        {
            var node = tree.AddNode(new Text($"{Texts.Instant(call.At)}  {call.Actor}{(call.TraceId.Length > 0 ? $"  trace {call.TraceId}" : "")}"));
            foreach (var step in call.Raised) Add(node, step);
        }

        return tree;
    }

    private static void Add(TreeNode above, FlowStep step)
    {
        var node = above.AddNode(new Text($"{Texts.NameOf(step.Event)}  {step.Event.Subject}  {string.Join(", ", step.Places.Select(Where))}"));
        foreach (var next in step.Then) Add(node, next);
    }

    private static string Where(FlowPlace place) =>
        place.ParkedReason.Length > 0 ? $"{place.Store} parked {place.ParkedId} {place.ParkedReason}" : $"{place.Store}#{place.Position}";
}
