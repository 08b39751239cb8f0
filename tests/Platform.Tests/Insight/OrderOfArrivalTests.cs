using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight;
using BeschutWerk.Insight.FromMunicipalities;
using BeschutWerk.Insight.FromSwCompanies;
using BeschutWerk.Insight.FromUwv;
using Google.Protobuf.WellKnownTypes;
using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Insight;

/// <summary>UWV, municipalities and companies are three sources: whatever arrives first, the figures come out the same.</summary>
public sealed class OrderOfArrivalTests(InsightPlatform platform) : IClassFixture<InsightPlatform>
{
    private static readonly Guid Citizen = Ids.New(), CitizenCase = Ids.New(), Reported = Ids.New();

    private static readonly Action<WriteSession<InsightStore>>[] Uwv =
    [
        session => AdviceReactions.Requested(new AdviceRequested { AdviceRequestId = Citizen.Text(), Requester = Requester.Citizen, ReceivedOn = On(1, 8) }, Received("uwv"), session),
        session => AdviceReactions.Issued(
            new AdviceIssued { AdviceRequestId = Citizen.Text(), Requester = Requester.Citizen, ReceivedOn = On(1, 8), IssuedOn = On(2, 5), Verdict = Verdict.Positive, Ground = Ground.Guidance },
            Received("uwv"), session),
    ];

    private static readonly Action<WriteSession<InsightStore>>[] Municipality =
    [
        session => CaseReactions.Opened(new CaseOpened { CaseId = CitizenCase.Text(), AdviceRequestId = Citizen.Text(), Source = CandidateSource.Self, OpenedOn = On(2, 5) }, Received("municipalities"), session),
        session => CaseReactions.Determined(
            new CaseDetermined { CaseId = CitizenCase.Text(), AdviceRequestId = Citizen.Text(), Determination = Determination.Positive, DeterminedOn = On(2, 12), NotifiedOn = On(2, 12) },
            Received("municipalities"), session),
    ];

    private static readonly Action<WriteSession<InsightStore>>[] Company =
    [
        session => PlacementReactions.Reported(
            new PlacementsReported { Placements = { new ReportedPlacement { PlacementId = Reported.Text(), CaseId = CitizenCase.Text(), StartOn = On(3, 5), MinutesPerWeek = 1500 } } },
            Received("swcompanies"), session),
        session => PlacementReactions.Amended(
            new PlacementAmended { PlacementId = Reported.Text(), CaseId = CitizenCase.Text(), FromOn = On(4, 1), MinutesPerWeek = 1860, Version = 2 }, Received("swcompanies"), session),
    ];

    public static TheoryData<string> Orders => ["UMC", "UCM", "MUC", "MCU", "CUM", "CMU"];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Sources_may_arrive_in_any_order(string order)
    {
        var write = order.SelectMany(source => source switch { 'U' => Uwv, 'M' => Municipality, _ => Company });
        await ApplyAsync(session =>
        {
            foreach (var table in new[] { "advice_requests", "cases", "placements", "placement_changes" }) session.Command($"DELETE FROM {table} WHERE municipality = '{Utrecht}'").ExecuteNonQuery();
            foreach (var apply in write) apply(session);
        });

        Assert.Equal("28", await platform.ValueAsync(OnDay("days_advice_to_start", On(5, 1), Utrecht)));
        Assert.Equal("100", await platform.ValueAsync(OnDay("at_work_share_of_advised", On(5, 1), Utrecht)));
        // The number of the regulation comes by an event of its own, which Insight may still be gathering.
        await platform.BecomesAsync(OnDay("filled_share_31h", On(3, 31), Utrecht), "80.645161");
        Assert.Equal("100", await platform.ValueAsync(OnDay("filled_share_31h", On(4, 1), Utrecht)));
        Assert.Equal("1", await platform.ValueAsync(new() { FigureId = "advice_requests", Requester = Requester.Citizen, Municipality = Utrecht, PeriodFrom = On(1, 8), PeriodTo = On(1, 8) }));
    }

    [Fact]
    public async Task A_placement_that_was_never_one_counts_nowhere()
    {
        var (placement, person) = (Ids.New().Text(), Ids.New().Text());
        await ApplyAsync(session =>
        {
            PlacementReactions.Reported(
                new PlacementsReported { Placements = { new ReportedPlacement { PlacementId = placement, CaseId = person, StartOn = On(3, 5), MinutesPerWeek = 1500 } } },
                Received("swcompanies", Groningen), session);
        });
        Assert.Equal("1", await platform.ValueAsync(OnDay("at_work", On(4, 1), Groningen)));

        await ApplyAsync(session => PlacementReactions.Ended(
            new PlacementEnded { PlacementId = placement, CaseId = person, LastDay = On(4, 30), Reason = EndReason.Correction, Version = 2 }, Received("swcompanies", Groningen), session));
        Assert.Equal("0", await platform.ValueAsync(OnDay("at_work", On(4, 1), Groningen)));
    }

    private Task ApplyAsync(Action<WriteSession<InsightStore>> apply) => platform.Runtime.PlatformStore.WriteAsync(
        WriteInfo.Capture(Caller.OfService("insight")),
        session =>
        {
            apply(session);
            return true;
        });

    private static ReceivedEvent Received(string service, string municipality = Utrecht) =>
        new(new SourceKey(service, TenantId.Parse(municipality)), new CloudEvent { Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) }, 0);
}
