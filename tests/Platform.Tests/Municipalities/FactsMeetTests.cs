using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Quota;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;
using Date = Google.Type.Date;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>What the row of a case and the ledger keep right when several facts, cases or requests meet.</summary>
public sealed class FactsMeetTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private static CorrectPersonRequest Correct(string caseId, Person person, string join = "") => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = person, Reason = "Verkeerd overgenomen.", CorrectedOn = On(3, 1),
        JoinCaseId = join,
    };

    [Fact]
    public async Task The_timeline_of_a_joined_case_can_be_read_when_the_other_was_corrected_before()
    {
        var person = NewPerson();
        var goes = await platform.OpenedAsync(person: person);
        var right = new Person(person) { Name = "Goed gespeld" };
        await platform.Cases().CorrectPersonAsync(Correct(goes, right));
        var stays = await platform.OpenedAsync();
        await platform.Cases().CorrectPersonAsync(Correct(stays, right, goes));

        var timeline = await platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = stays });
        Assert.Equal(2, timeline.Entries.Count(entry => entry.Note.Length > 0));
    }

    [Fact]
    public async Task A_fixed_placement_beside_a_permanent_one_is_written_as_it_is_computed()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        await platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId, Amsterdam, 1200));
        var second = Place(caseId, offerId, Amsterdam, 600);
        (second.Report.StartOn, second.Report.LastDay, second.Report.ContractType) = (On(4, 2), On(12, 31, 2099), ContractType.Fixed);
        await platform.AsCompany.ReportPlacementAsync(second);
        await MunicipalityPlatform.Eventually(async () => (await platform.TimelineAsync(caseId)).Count(name => name == "placements-reported") == 2, "heard");
        await CaseRows.OfAsync(platform, caseId);
    }

    [Fact]
    public async Task The_reason_of_a_deviation_stays_when_a_wrong_end_is_taken_back()
    {
        var (caseId, asked) = await platform.AdvisedAsync(positive: false);
        var decide = Determine(caseId);
        decide.CarelessAdviceReason = "Het onderzoek was onzorgvuldig.";
        await platform.Cases().DetermineCaseAsync(decide);
        var offerId = (await platform.Cases().OfferPlaceAsync(Offer(caseId))).OfferId;
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        var placed = (await platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId))).PlacementId;
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placed, LastDay = On(4, 30), Reason = EndReason.Banenafspraak,
        });
        await platform.BecomesAsync(caseId, CaseState.Exited);
        var again = Ask(caseId);
        (again.ReceivedOn, again.Kind, again.PreviousAdviceRequestId, again.NewFactsSinceEarlierAdvice) = (On(5, 7), AdviceKind.Repeat, asked, true);
        await platform.Cases().RequestAdviceAsync(again);
        await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest { Municipality = Amsterdam, RequestId = NewId(), PlacementId = placed, NeverEnded = true });
        await platform.BecomesAsync(caseId, CaseState.Placed);
        Assert.Equal("Het onderzoek was onzorgvuldig.", (await platform.CaseAsync(caseId)).DeviationReason);
    }

    [Fact]
    public async Task The_minutes_of_an_accepted_next_place_are_held_against_others()
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var caseId = await platform.DeterminedAsync();
        var small = Offer(caseId);
        small.MinutesPerWeek = 960;
        var offerId = (await platform.Cases().OfferPlaceAsync(small)).OfferId;
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        var report = Place(caseId, offerId, Amsterdam, 960);
        (report.Report.ContractType, report.Report.LastDay) = (ContractType.Fixed, Day(today.AddDays(10)));
        await platform.AsCompany.ReportPlacementAsync(report);
        await platform.BecomesAsync(caseId, CaseState.Placed);
        var before = await HeldAsync(today);
        var next = Offer(caseId);
        (next.OfferedOn, next.PlannedStart, next.MinutesPerWeek) = (Day(today.AddDays(-2)), Day(today.AddDays(11)), 1860);
        var second = (await platform.Cases().OfferPlaceAsync(next)).OfferId;
        var accept = Respond(caseId, second);
        accept.AnsweredOn = Day(today.AddDays(-1));
        await platform.Cases().RespondToOfferAsync(accept);
        // Who makes an offer today, and who makes one when the work of now has ended.
        Assert.Equal(before + 900, await HeldAsync(today));
        Assert.True(await HeldAsync(today.AddDays(11)) > 0);

        static Date Day(DateOnly day) => new() { Year = day.Year, Month = day.Month, Day = day.Day };
    }

    private Task<long> HeldAsync(DateOnly day) => CaseRows.WriteAsync(platform, session => new Ledger(session.Command).HeldFrom(day, Guid.Empty).Minutes);
}
