using BeschutWerk.Backbone.Operations;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Platform.Tests.Messaging;
using BeschutWerk.Platform.Tests.Municipalities;
using Google.Protobuf.WellKnownTypes;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>All events of a case or a trace, from every service, in the order in which they came about.</summary>
public sealed class FlowTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private OperationsService.OperationsServiceClient Operator => new(platform.Operator());

    [Fact]
    public async Task A_case_is_told_whole_across_the_services_and_of_no_other()
    {
        var (caseId, _, placementId) = await platform.PlacedAsync();
        var (other, _, _) = await platform.PlacedAsync();
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, LastDay = On(4, 30), Reason = EndReason.Banenafspraak,
        });
        await platform.BecomesAsync(caseId, Contracts.Municipalities.CaseState.Exited);

        var flow = await Operator.GetFlowAsync(new GetFlowRequest { Ids = { caseId } });
        Assert.Equal(await platform.TimelineAsync(caseId), flow.Events.Select(NameOf));
        Assert.Empty(flow.Unreachable);
        Assert.False(flow.Truncated);
        Assert.DoesNotContain(flow.Events, found => found.Event.ToString().Contains(other, StringComparison.Ordinal));
        // Where each stands: with its producer, and where it was received.
        Assert.Equal(["municipalities/GM0363"], Stores(flow, "case-determined"));
        Assert.Equal(["municipalities/GM0363", "uwv/GM0363"], Stores(flow, "advice-issued"));
        Assert.Equal(["municipalities/GM0363", "swcompanies/GM0363"], Stores(flow, "placements-reported"));
        Assert.Equal(flow, await Operator.GetFlowAsync(new GetFlowRequest { Ids = { caseId }, Municipality = Amsterdam, Service = "uwv" }));

        // From its placement the same events that name it.
        var ofPlacement = await Operator.GetFlowAsync(new GetFlowRequest { Ids = { placementId } });
        Assert.Contains("placement-ended", ofPlacement.Events.Select(NameOf));
        Assert.Contains("case-opened", ofPlacement.Events.Select(NameOf));
        Assert.Empty((await Operator.GetFlowAsync(new GetFlowRequest { Ids = { caseId }, Municipality = Utrecht })).Events);
    }

    [Fact]
    public async Task A_trace_is_told_from_the_call_to_what_came_of_it_elsewhere()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        using var activity = new System.Diagnostics.Activity("a company reports").SetIdFormat(System.Diagnostics.ActivityIdFormat.W3C).Start();
        var placed = await platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId));
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placed.PlacementId, LastDay = On(4, 30), Reason = EndReason.Banenafspraak,
        });
        activity.Stop();
        await platform.BecomesAsync(caseId, Contracts.Municipalities.CaseState.Exited);

        var flow = await Operator.GetFlowAsync(new GetFlowRequest { TraceId = activity.TraceId.ToString() });
        Assert.Equal(["placements-reported", "placement-ended", "place-freed"], flow.Events.Select(NameOf));
    }

    [Fact]
    public async Task What_cannot_be_asked_for_is_named()
    {
        Assert.Equal(ErrorReason.InvalidFields, (await RefusedAsync(Operator.GetFlowAsync(new GetFlowRequest()))).Reason);
        Assert.Equal(ErrorReason.InvalidFields, (await RefusedAsync(Operator.GetFlowAsync(new GetFlowRequest { TraceId = "abc" }))).Reason);
        Assert.Equal(["ids[0]"], (await RefusedAsync(Operator.GetFlowAsync(new GetFlowRequest { Ids = { "abc" } }))).Fields);
        Assert.Equal(ErrorReason.InvalidFields, (await RefusedAsync(Operator.GetFlowAsync(new GetFlowRequest { Ids = { NewId() }, TraceId = new string('a', 32) }))).Reason);
        Assert.Equal(ErrorReason.MunicipalityNotFound, (await RefusedAsync(Operator.GetFlowAsync(new GetFlowRequest { Ids = { NewId() }, Municipality = "GM9999" }))).Reason);
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(new OperationsService.OperationsServiceClient(platform.Municipality(Amsterdam)).GetFlowAsync(new GetFlowRequest { Ids = { NewId() } }))).Reason);
    }

    [Fact]
    public void Logs_decide_the_order_where_clocks_disagree()
    {
        // UWV's clock is an hour behind; Municipalities received its event between two of its own.
        var asked = Logged("asked", "municipalities", 1, minute: 60);
        var advised = Logged("advised", "uwv", 1, minute: 5);
        var decided = Logged("decided", "municipalities", 3, minute: 70);
        var elsewhere = Logged("elsewhere", "swcompanies", 1, minute: 65);
        var merged = Flow.Merge([[asked, At(advised, "municipalities", 2), decided], [advised], [elsewhere]]);
        Assert.Equal(["asked", "advised", "elsewhere", "decided"], merged.Select(flow => flow.Event.Id));
        Assert.Equal([("uwv", 1L), ("municipalities", 2)], merged[1].Places.Select(place => (place.Store, place.Position)).OrderByDescending(place => place.Store));

        // Two logs that contradict each other lose nothing.
        merged = Flow.Merge([[asked, decided], [At(decided, "other", 1), At(asked, "other", 2)], [elsewhere]]);
        Assert.Equal(["elsewhere", "asked", "decided"], merged.Select(flow => flow.Event.Id));

        static FlowEvent Logged(string id, string store, long position, int minute) => At(new FlowEvent
        {
            Event = new CloudEvent { Id = id, Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddMinutes(minute)) },
        }, store, position);

        static FlowEvent At(FlowEvent flow, string store, long position) => new() { Event = flow.Event, Places = { new FlowPlace { Store = store, Position = position } } };
    }

    private static string NameOf(FlowEvent flow) => flow.Event.Type.Split('.')[^2];

    private static IEnumerable<string> Stores(GetFlowResponse flow, string name) => flow.Events.Single(found => NameOf(found) == name).Places.Select(place => place.Store).Order();
}

/// <summary>The same between processes, one of which is away.</summary>
public sealed class FlowBetweenProcesses(SplitPlatform platform) : IClassFixture<SplitPlatform>
{
    [Fact]
    public async Task Services_ask_each_other_and_who_is_away_is_named()
    {
        var (caseId, _, _) = await platform.PlacedAsync();
        var client = new OperationsService.OperationsServiceClient(platform.Operator());
        var flow = await client.GetFlowAsync(new GetFlowRequest { Ids = { caseId } });
        Assert.Empty(flow.Unreachable);
        Assert.Equal(await platform.TimelineAsync(caseId), flow.Events.Select(found => found.Event.Type.Split('.')[^2]));
        Assert.Contains(flow.Events, found => found.Places.Any(place => place.Store == "uwv/GM0363"));

        await platform.KillAsync("uwv");
        flow = await client.GetFlowAsync(new GetFlowRequest { Ids = { caseId } });
        Assert.Equal(["uwv"], flow.Unreachable);
        Assert.Equal(await platform.TimelineAsync(caseId), flow.Events.Select(found => found.Event.Type.Split('.')[^2]));
    }
}
