using BeschutWerk.Cli.Flows;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Rules.Tests.CliRules;

/// <summary>From the causal order of events to a tree of calls and reactions.</summary>
public sealed class FlowTreeTests
{
    [Fact]
    public void A_reaction_stands_below_what_its_store_had_received_and_a_call_beside_its_own_events()
    {
        var reported = Raised("reported", "a", "swcompanies", 1, ("municipalities", 7));
        var ended = Raised("ended", "a", "swcompanies", 2, ("municipalities", 8));
        var freed = Raised("freed", "a", "municipalities", 9);
        var later = Raised("later", "b", "municipalities", 10);

        var calls = FlowTree.Of([reported, ended, freed, later]);
        Assert.Equal(["a", "b"], calls.Select(call => call.TraceId));
        Assert.Equal(["reported", "ended(freed)"], calls[0].Raised.Select(Text));
        Assert.Equal(["later"], calls[1].Raised.Select(Text));
        Assert.Equal(["swcompanies/GM0363", "municipalities/GM0363"], calls[0].Raised[0].Places.Select(place => place.Store));
    }

    [Fact]
    public void What_was_received_after_it_was_raised_or_of_another_call_is_no_cause()
    {
        var asked = Raised("asked", "a", "municipalities", 1, ("uwv", 5));
        var advised = Raised("advised", "a", "uwv", 4);
        var other = Raised("other", "b", "uwv", 9);
        Assert.Equal(["asked", "advised"], FlowTree.Of([asked, advised, other])[0].Raised.Select(Text));
    }

    [Fact]
    public void Events_without_a_trace_stand_alone_in_their_order()
    {
        var calls = FlowTree.Of([Raised("one", "", "uwv", 1), Raised("two", "a", "uwv", 2), Raised("three", "", "uwv", 3)]);
        Assert.Equal(["one", "two", "three"], calls.SelectMany(call => call.Raised).Select(Text));
    }

    private static string Text(FlowStep step) => step.Then.Count == 0 ? step.Event.Id : $"{step.Event.Id}({string.Join(' ', step.Then.Select(Text))})";

    private static FlowEvent Raised(string id, string trace, string service, long position, params (string Service, long Position)[] received) => new()
    {
        Event = new CloudEvent
        {
            Id = id, Source = $"urn:nld:oin:1:systeem:beschutwerk-{service}:GM0363:e", Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch), Traceparent = trace.Length > 0 ? $"00-{trace}-1-00" : "",
        },
        Places = { received.Select(place => new FlowPlace { Store = place.Service + "/GM0363", Position = place.Position }).Append(new FlowPlace { Store = service + "/GM0363", Position = position }) },
    };
}
