using System.CommandLine;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw events</c>: what stands in the log of a store, and what comes.</summary>
internal static class EventsCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Create(Settings settings) => new("events", "Reads the events of a municipality, or of the platform.")
    {
        Reading(settings, "read", "Reads the log to its end, and says with which token to go on.", live: false),
        Reading(settings, "tail", "Follows the log from now on, across restarts of the service, until Ctrl-C.", live: true),
    };

    private static Command Reading(Settings settings, string name, string description, bool live)
    {
        var store = Inputs.Store();
        var service = Inputs.Service();
        var after = new Option<string>("--after") { Description = "Resume token: go on behind it.", DefaultValueFactory = _ => "" };
        var types = new Option<string[]>("--type")
        {
            Description = "Only events of this name, such as advice-issued, or CloudEvent type; repeatable.", DefaultValueFactory = _ => [],
        };
        var own = new Option<bool>("--own") { Description = "Only what this store raised itself." };
        var received = new Option<bool>("--received") { Description = "Only what it received from other services." };
        var limit = new Option<int>("--limit") { Description = "End after so many events.", DefaultValueFactory = _ => int.MaxValue };
        var command = new Command(name, description) { store, service, after, types, own, received, limit };
        command.Validators.Add(result =>
        {
            if (result.GetValue(own) && result.GetValue(received)) result.AddError("--own and --received exclude each other; without them both are read.");
            foreach (var unknown in result.GetValue(types)!.Where(type => EventTypes.Named(type) is null))
            {
                result.AddError($"--type {unknown} is no event; contracts/README.md lists them.");
            }
        });
        command.Does(settings, (parsed, output, connection, cancel) =>
        {
            var request = new SubscribeRequest
            {
                Municipality = Inputs.CodeOf(parsed.GetValue(store)!), Service = parsed.GetValue(service)!, After = parsed.GetValue(after)!,
                Types_ = { parsed.GetValue(types)!.Select(type => EventTypes.Named(type)!.CloudType) },
                FromEnd = live && parsed.GetValue(after)!.Length == 0,
            };
            bool Wanted(CloudEvent found) => !(parsed.GetValue(own) || parsed.GetValue(received)) || parsed.GetValue(own) == EventSource.IsOf(found, request.Service, request.Municipality);
            return new Reader(output, connection, request, Wanted, parsed.GetValue(limit), live).RunAsync(cancel);
        });
        return command;
    }

    /// <summary>Reads until the end, the limit or Ctrl-C.</summary>
    private sealed class Reader(Output output, Connection connection, SubscribeRequest request, Func<CloudEvent, bool> wanted, int limit, bool live)
    {
        private string _token = request.After;
        private int _shown;

        public async Task<int> RunAsync(CancellationToken cancel)
        {
            try
            {
                var confirmed = false;
                while (true)
                {
                    var again = false;
                    try
                    {
                        await foreach (var message in connection.FollowAsync(request.Service, at => new EventService.EventServiceClient(at).Subscribe(request, cancellationToken: cancel), cancel))
                        {
                            confirmed = again = true;
                            if (Ends(message)) break;
                        }

                        break;
                    }
                    catch (Failure failure) when (live && confirmed && (failure.ExitCode == ExitCode.OutOfReach || (again && EndsStreams(failure))))
                    {
                        // The service restarts, or the token of the call is over: behind the last token nothing is lost.
                        output.Say($"bw: {failure.Message} Trying again.");
                        (request.After, request.FromEnd) = (_token, false);
                        await Task.Delay(Pause, cancel);
                    }
                }
            }
            catch (Exception stopped) when (live && cancel.IsCancellationRequested && stopped is OperationCanceledException or Grpc.Core.RpcException)
            {
                // Ctrl-C is how a tail ends.
            }

            output.Line(new Line(null, _token), _ => null);
            output.Say($"To go on: --after {_token}");
            return ExitCode.Done;
        }

        private bool Ends(SubscribeResponse message)
        {
            _token = message.ResumeToken;
            if (message.Event is { } found && wanted(found))
            {
                output.Line(new Line(found, _token), line => Texts.Event(line.Event!));
                _shown++;
            }

            return _shown >= limit || (!live && message.CaughtUp is not null);
        }

        private static bool EndsStreams(Failure failure) => failure.Is(ErrorReason.NotAuthenticated) || failure.Is(ErrorReason.ServerShuttingDown) || failure.Is(ErrorReason.StoreQuarantined) || failure.Is(ErrorReason.StoreFailing);
    }

    /// <summary>An event and the token to go on behind it; the last line has only the token.</summary>
    private sealed record Line(CloudEvent? Event, string ResumeToken);
}
