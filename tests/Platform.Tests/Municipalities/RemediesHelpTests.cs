using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;
using Date = Google.Type.Date;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Whoever does what a remedy or a comment of the contract says is rid of the discrepancy.</summary>
public sealed class RemediesHelpTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    /// <summary>"Controleer naam en geboortedatum, en corrigeer de persoon als dat nodig is": it is not needed, the citizen made the typo.</summary>
    [Fact]
    public async Task A_person_who_differs_is_settled_when_the_record_is_right()
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        var citizen = new AdviceService.AdviceServiceClient(platform.Citizen("burger-e3", Amsterdam, person.Bsn));
        var asked = await citizen.RequestAdviceAsync(new Contracts.Uwv.RequestAdviceRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = new Person(person) { Name = "Met een tikfout" },
            Benefit = Benefit.Participatiewet, Kind = AdviceKind.First, PriorContact = PriorContact.Consulted, ReceivedOn = On(1, 8),
        });
        await platform.AdviseAsync(asked.AdviceRequestId);
        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive);
        var detail = Assert.Single((await platform.CaseAsync(caseId)).DiscrepancyDetails);
        Assert.Equal(DiscrepancyKind.PersonDiffers, detail.Kind);

        await platform.Cases().CorrectPersonAsync(new CorrectPersonRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = person, Reason = "De burger maakte een tikfout.", CorrectedOn = On(3, 1),
        });
        Assert.Empty((await platform.CaseAsync(caseId)).DiscrepancyDetails);
    }

    /// <summary>"... of trek een aanbod in."</summary>
    [Fact]
    public async Task A_place_given_away_is_settled_when_the_other_offer_is_withdrawn()
    {
        var (first, offer) = await platform.OfferedAsync(Utrecht);
        await platform.Cases(Utrecht).RespondToOfferAsync(Respond(first, offer, code: Utrecht));
        var report = Place(first, offer, Utrecht);
        report.Report.StartOn = On(3, 5);
        var placement = (await platform.AsCompany.ReportPlacementAsync(report)).PlacementId;
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Utrecht, RequestId = NewId(), PlacementId = placement, LastDay = On(4, 30), Reason = EndReason.NotRenewed,
        });
        await platform.BecomesAsync(first, CaseState.DeterminedPositive, Utrecht);
        var second = await platform.DeterminedAsync(Utrecht);
        var place = Offer(second, Utrecht);
        (place.OfferedOn, place.PlannedStart) = (On(5, 2), On(5, 7));
        var other = (await platform.Cases(Utrecht).OfferPlaceAsync(place)).OfferId;
        await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest { Municipality = Utrecht, RequestId = NewId(), PlacementId = placement, NeverEnded = true });
        await platform.BecomesAsync(first, CaseState.Placed, Utrecht);
        Assert.Equal(DiscrepancyKind.PlaceGivenAway, Assert.Single((await platform.CaseAsync(first, Utrecht)).DiscrepancyDetails).Kind);

        await platform.Cases(Utrecht).WithdrawOfferAsync(new WithdrawOfferRequest
        {
            Municipality = Utrecht, RequestId = NewId(), CaseId = second, OfferId = other, WithdrawnOn = On(5, 4), Reason = "De plek is bezet.",
        });

        Assert.Equal(0, (await platform.LedgerAsync(Utrecht, On(5, 5))).OverMilli);
        Assert.Empty((await platform.CaseAsync(first, Utrecht)).DiscrepancyDetails);
    }

    [Fact]
    public async Task A_placement_that_ended_by_itself_is_ended_with_a_reason()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        var report = Place(caseId, offerId);
        (report.Report.StartOn, report.Report.LastDay, report.Report.ContractType) = (On(3, 5), On(4, 30), ContractType.Fixed);
        var placement = (await platform.AsCompany.ReportPlacementAsync(report)).PlacementId;
        await platform.BecomesAsync(caseId, CaseState.DeterminedPositive);
        var request = new EndPlacementRequest { Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = On(4, 30), Reason = EndReason.Regular };
        // The municipality may do this for the company.
        await new PlacementService.PlacementServiceClient(platform.Municipality(Amsterdam)).EndPlacementAsync(request);
        await platform.BecomesAsync(caseId, CaseState.Exited);
    }
}
