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
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.FromMunicipalities;
using BeschutWerk.Insight.FromSwCompanies;
using BeschutWerk.Insight.FromUwv;
using Google.Protobuf.WellKnownTypes;
using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using Date = Google.Type.Date;

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
        // The last day alone: these are hours of before, and begin nothing.
        session => PlacementReactions.Amended(
            new PlacementAmended
            {
                PlacementId = Reported.Text(), CaseId = CitizenCase.Text(), FromOn = On(3, 20), MinutesPerWeek = 1500,
                LastDay = On(12, 31), Version = 3, HoursKept = true,
            },
            Received("swcompanies"), session),
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

    public static TheoryData<string> OrdersWithPseudonyms => [.. Orders.Select(order => order.Data).SelectMany(order => Enumerable.Range(0, 4).Select(i => order.Insert(i, "R")))];

    [Theory]
    [MemberData(nameof(OrdersWithPseudonyms))]
    public async Task A_person_with_cases_in_two_municipalities_is_one_whatever_arrives_first(string order)
    {
        string[] towns = [Amsterdam, Terschelling];
        var pseudonym = Ids.New();
        var (requests, cases, placements) = (towns.Select(_ => Ids.New()).ToList(), towns.Select(_ => Ids.New()).ToList(), towns.Select(_ => Ids.New()).ToList());
        await ApplyAsync(session =>
        {
            foreach (var source in order)
            {
                for (var i = 0; i < towns.Length; i++)
                {
                    switch (source)
                    {
                        case 'R':
                            PersonRecognisedReaction.Apply(new PersonRecognised { AdviceRequestId = requests[i].Text(), Pseudonym = pseudonym.Text() }, session);
                            break;
                        case 'U':
                            AdviceReactions.Issued(
                                new AdviceIssued { AdviceRequestId = requests[i].Text(), Requester = Requester.Citizen, ReceivedOn = On(1, 8), IssuedOn = On(2, 5), Verdict = Verdict.Positive },
                                Received("uwv", towns[i]), session);
                            break;
                        case 'M':
                            CaseReactions.Opened(new CaseOpened { CaseId = cases[i].Text(), AdviceRequestId = requests[i].Text(), OpenedOn = On(2, 5) }, Received("municipalities", towns[i]), session);
                            break;
                        default:
                            PlacementReactions.Reported(
                                new PlacementsReported { Placements = { new ReportedPlacement { PlacementId = placements[i].Text(), CaseId = cases[i].Text(), StartOn = On(3, 5), MinutesPerWeek = 1000 } } },
                                Received("swcompanies", towns[i]), session);
                            break;
                    }
                }
            }
        });

        var facts = platform.Runtime.PlatformStore.Read(Caller.OfService("insight"), session =>
        {
            var all = session.Facts(DateTimeOffset.UtcNow);
            return (all.Advices, all.Placements);
        });
        Assert.Equal(2, facts.Advices.Count(advice => advice.Person == pseudonym));
        Assert.Equal(2, facts.Placements.Count(placement => placement.Person == pseudonym));
    }

    [Fact]
    public async Task Placements_of_two_municipalities_that_have_one_id_are_two()
    {
        string[] towns = [Amsterdam, Terschelling];
        var (placement, cases) = (Ids.New(), towns.Select(_ => Ids.New()).ToList());
        await ApplyAsync(session =>
        {
            for (var i = 0; i < towns.Length; i++)
            {
                PlacementReactions.Reported(
                    new PlacementsReported { Placements = { new ReportedPlacement { PlacementId = placement.Text(), CaseId = cases[i].Text(), StartOn = On(3, 5 + i), MinutesPerWeek = 1000 + i } } },
                    Received("swcompanies", towns[i]), session);
            }

            PlacementReactions.Ended(
                new PlacementEnded { PlacementId = placement.Text(), CaseId = cases[1].Text(), LastDay = On(4, 30), Reason = EndReason.NotRenewed, Version = 2 },
                Received("swcompanies", towns[1]), session);
        });

        var found = platform.Runtime.PlatformStore.Read(Caller.OfService("insight"), session => session.Facts(DateTimeOffset.UtcNow).Placements)
            .Where(fact => cases.Contains(fact.Person)).OrderBy(fact => fact.StartOn).ToList();
        Assert.Equal(towns, found.Select(fact => fact.Municipality));
        Assert.Equal([1000, 1001], found.Select(fact => fact.MinutesOn(new DateOnly(2018, 4, 1))));
        Assert.Equal([true, false], found.Select(fact => fact.IsInForce(new DateOnly(2018, 5, 1))));
    }

    [Theory]
    [InlineData("JKRUC")]
    [InlineData("URCJK")]
    [InlineData("CJUKR")]
    public async Task Cases_that_were_joined_are_of_one_person_whatever_arrives_first(string order)
    {
        var (request, pseudonym, first, second, third) = (Ids.New(), Ids.New(), Ids.New(), Ids.New(), Ids.New());
        Guid[] cases = [first, second, third];
        await ApplyAsync(session =>
        {
            foreach (var source in order)
            {
                switch (source)
                {
                    case 'J':
                        CasesJoinedReaction.Apply(new CandidateCorrected { CaseId = second.Text(), JoinedCaseId = first.Text(), CorrectedOn = On(3, 1) }, session);
                        break;
                    case 'K':
                        CasesJoinedReaction.Apply(new CandidateCorrected { CaseId = third.Text(), JoinedCaseId = second.Text(), CorrectedOn = On(3, 1) }, session);
                        break;
                    case 'R':
                        PersonRecognisedReaction.Apply(new PersonRecognised { AdviceRequestId = request.Text(), Pseudonym = pseudonym.Text() }, session);
                        break;
                    case 'U':
                        AdviceReactions.Requested(new AdviceRequested { AdviceRequestId = request.Text(), RequesterReference = first.Text(), ReceivedOn = On(1, 8) }, Received("uwv", Amsterdam), session);
                        break;
                    default:
                        PlacementReactions.Reported(
                            new PlacementsReported { Placements = { cases.Select(id => new ReportedPlacement { PlacementId = Ids.New().Text(), CaseId = id.Text(), StartOn = On(3, 5), MinutesPerWeek = 600 }) } },
                            Received("swcompanies", Amsterdam), session);
                        break;
                }
            }
        });

        var persons = platform.Runtime.PlatformStore.Read(Caller.OfService("insight"), session => session.Facts(DateTimeOffset.UtcNow).Placements.Select(placement => placement.Person).ToList());
        Assert.Equal(3, persons.Count(person => person == pseudonym));
        Assert.DoesNotContain(persons, cases.Contains);
    }

    [Fact]
    public async Task A_request_that_is_about_somebody_else_takes_its_case_along()
    {
        var (request, own, before, after) = (Ids.New(), Ids.New(), Ids.New(), Ids.New());
        await ApplyAsync(session =>
        {
            AdviceReactions.Requested(new AdviceRequested { AdviceRequestId = request.Text(), RequesterReference = own.Text(), ReceivedOn = On(1, 8) }, Received("uwv", Amsterdam), session);
            foreach (var pseudonym in new[] { before, after })
            {
                PersonRecognisedReaction.Apply(new PersonRecognised { AdviceRequestId = request.Text(), Pseudonym = pseudonym.Text() }, session);
            }
        });

        Assert.Contains(after, Persons());
        Assert.DoesNotContain(Persons(), person => person == before || person == own || person == request);

        List<Guid> Persons() => platform.Runtime.PlatformStore.Read(
            Caller.OfService("insight"), session => session.Facts(DateTimeOffset.UtcNow).Advices.Select(advice => advice.Person).ToList());
    }

    [Fact]
    public async Task A_placement_that_was_never_one_counts_nowhere_until_that_is_taken_back()
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

        await ApplyAsync(session => PlacementReactions.EndCorrected(
            new PlacementEndCorrected { PlacementId = placement, CaseId = person, Version = 3 },
            Received("swcompanies", Groningen), session));
        Assert.Equal("1", await platform.ValueAsync(OnDay("at_work", On(4, 1), Groningen)));
    }

    /// <summary>The decision of the latest day stands. One that was taken back leaves the one before it, also in a joined case.</summary>
    [Fact]
    public async Task A_decision_that_was_taken_back_counts_no_more()
    {
        var (goes, stays) = (Ids.New(), Ids.New());
        await ApplyAsync(session =>
        {
            CaseReactions.Determined(Decision(Determination.Negative, On(3, 1)), Received("municipalities"), session);
            CaseReactions.Determined(Decision(Determination.Positive, On(2, 12)), Received("municipalities"), session);
            Assert.Equal((long)Determination.Negative, Stands(session));
            var joined = new CandidateCorrected { CaseId = stays.Text(), JoinedCaseId = goes.Text(), CorrectedOn = On(3, 2) };
            CasesJoinedReaction.Apply(joined, session);
            CaseReactions.TakenBack(TakenBack(On(3, 1), Determination.Positive, On(2, 12)), Received("municipalities"), session);
            Assert.Equal((long)Determination.Positive, Stands(session));
            CaseReactions.TakenBack(TakenBack(On(2, 12), Determination.Unspecified, null), Received("municipalities"), session);
            Assert.Equal((long)Determination.Unspecified, Stands(session));
        });

        CaseDetermined Decision(Determination decision, Date day) => new()
        {
            CaseId = goes.Text(), Determination = decision, DeterminedOn = day, NotifiedOn = day,
        };

        ActTakenBack TakenBack(Date day, Determination other, Date? otherDay) => new()
        {
            CaseId = stays.Text(), EventId = Ids.New().Text(), Kind = ActKind.Determination, ActOn = day,
            Determination = other, DeterminedOn = otherDay,
        };

        object? Stands(WriteSession<InsightStore> session) =>
            session.Command("SELECT determination FROM cases WHERE case_id = $id").Set("$id", goes.Bytes()).ExecuteScalar();
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
