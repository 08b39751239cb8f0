using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

public sealed class BadInputTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task Every_broken_field_is_named_at_once_and_nothing_is_stored()
    {
        var request = new OpenCaseRequest
        {
            Municipality = "Amsterdam", RequestId = "1", Person = new Person { Bsn = "123456789", BirthDate = On(1, 1, 2999) },
            OpenedOn = new Google.Type.Date { Year = 2018, Month = 2, Day = 30 },
        };
        var refused = await RefusedAsync(platform.Cases().OpenCaseAsync(request));
        Assert.Equal((ErrorReason.InvalidFields, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
        Assert.Equal(
            ["municipality", "request_id", "person.bsn", "person.name", "person.birth_date", "source", "benefit", "opened_on"], refused.Fields);
        Assert.DoesNotContain("123456789", refused.Descriptions);
    }

    [Fact]
    public async Task Nobody_has_a_case_before_they_were_born()
    {
        var open = Open();
        open.Person.BirthDate = open.OpenedOn;
        Assert.NotEmpty((await platform.Cases().OpenCaseAsync(open)).CaseId);
        open = Open();
        open.Person.BirthDate = new Google.Type.Date(open.OpenedOn) { Day = open.OpenedOn.Day + 1 };
        var refused = await RefusedAsync(platform.Cases().OpenCaseAsync(open));
        Assert.Equal((ErrorReason.InvalidFields, "opened_on"), (refused.Reason, Assert.Single(refused.Fields)));
        open.Person.Name = "";
        Assert.Equal(["person.name", "opened_on"], (await RefusedAsync(platform.Cases().OpenCaseAsync(open))).Fields);
    }

    [Fact]
    public async Task An_unknown_municipality_and_somebody_else_s_look_the_same()
    {
        var unknown = await RefusedAsync(new CaseService.CaseServiceClient(platform.Municipality("GM0001")).OpenCaseAsync(Open("GM0001")));
        var other = await RefusedAsync(platform.Cases(Utrecht).OpenCaseAsync(Open(Amsterdam)));
        Assert.Equal((ErrorReason.MunicipalityNotFound, StatusCode.NotFound), (unknown.Reason, unknown.Code));
        Assert.Equal((unknown.Reason, unknown.Code), (other.Reason, other.Code));
    }

    [Fact]
    public async Task Another_municipality_s_case_does_not_exist_here()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        var utrecht = platform.Cases(Utrecht);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(utrecht.GetCaseAsync(new GetCaseRequest { Municipality = Utrecht, CaseId = caseId }))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(utrecht.GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Utrecht, CaseId = caseId }))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(utrecht.RequestAdviceAsync(Ask(caseId, Utrecht)))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(utrecht.DetermineCaseAsync(Determine(caseId, Utrecht)))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(utrecht.OfferPlaceAsync(Offer(caseId, Utrecht)))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(utrecht.RespondToOfferAsync(Respond(caseId, offerId, code: Utrecht)))).Reason);

        var own = await platform.OpenedAsync();
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(platform.Cases().RespondToOfferAsync(Respond(own, offerId)))).Reason);
    }

    [Fact]
    public async Task A_suspended_municipality_waits_until_it_is_resumed()
    {
        var caseId = await platform.OpenedAsync(Westerwolde);
        var suspend = new SuspendTenantRequest { Municipality = Westerwolde, RequestId = NewId(), Reason = "Onderzoek.", SuspendedOn = On(7, 1) };
        Assert.Equal(TenantState.Suspended, (await platform.Tenants.SuspendTenantAsync(suspend)).Tenant.State);

        Assert.Equal(ErrorReason.TenantSuspended, (await RefusedAsync(platform.Cases(Westerwolde).OpenCaseAsync(Open(Westerwolde)))).Reason);
        Assert.Equal(ErrorReason.TenantSuspended, (await RefusedAsync(platform.Cases(Westerwolde).GetCaseAsync(new GetCaseRequest { Municipality = Westerwolde, CaseId = caseId }))).Reason);
        suspend.RequestId = NewId();
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(platform.Tenants.SuspendTenantAsync(suspend))).Reason);
        var resume = new ResumeTenantRequest { Municipality = Westerwolde, RequestId = NewId(), ResumedOn = On(6, 30) };
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(platform.Tenants.ResumeTenantAsync(resume))).Reason);

        await platform.RestartAsync();
        Assert.Equal(ErrorReason.TenantSuspended, (await RefusedAsync(platform.Cases(Westerwolde).OpenCaseAsync(Open(Westerwolde)))).Reason);
        resume.ResumedOn = On(7, 1);
        Assert.Equal((TenantState.Active, 3L), (await platform.Tenants.ResumeTenantAsync(resume)) is { Tenant: var tenant } ? (tenant.State, tenant.Version) : default);
        Assert.Equal(CaseState.Identified, (await platform.CaseAsync(caseId, Westerwolde)).State);
    }

    [Fact]
    public async Task Only_a_municipality_that_exists_is_registered_and_once()
    {
        var never = await RefusedAsync(platform.Tenants.RegisterTenantAsync(Register("GM9999")));
        Assert.Equal((ErrorReason.InvalidFields, "municipality"), (never.Reason, never.Fields.Single()));
        Assert.Equal(ErrorReason.InvalidFields, (await RefusedAsync(platform.Tenants.RegisterTenantAsync(Register("GM0007")))).Reason);
        Assert.Equal(ErrorReason.AlreadyRegistered, (await RefusedAsync(platform.Tenants.RegisterTenantAsync(Register(Amsterdam)))).Reason);
        Assert.Equal(ErrorReason.MunicipalityNotFound, (await RefusedAsync(platform.Tenants.GetTenantAsync(new GetTenantRequest { Municipality = "GM9999" }))).Reason);

        var tenants = await platform.Tenants.ListTenantsAsync(new ListTenantsRequest { PageSize = 3 });
        Assert.Equal([Groningen, Terschelling, Utrecht], tenants.Tenants.Select(tenant => tenant.Municipality));
        tenants = await platform.Tenants.ListTenantsAsync(new ListTenantsRequest { PageSize = 2, PageToken = tenants.NextPageToken });
        Assert.Equal([Amsterdam, Westerwolde], tenants.Tenants.Select(tenant => tenant.Municipality));
        Assert.Equal("", tenants.NextPageToken);
    }

    [Fact]
    public async Task The_same_request_id_with_another_body_is_refused()
    {
        var request = Open();
        await platform.Cases().OpenCaseAsync(request);
        request.Source = CandidateSource.Ggz;
        var refused = await RefusedAsync(platform.Cases().OpenCaseAsync(request));
        Assert.Equal((ErrorReason.RequestIdReused, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
    }

    [Fact]
    public async Task Acts_before_the_act_they_rest_on_are_refused()
    {
        var caseId = await platform.OpenedAsync();
        var early = Ask(caseId);
        early.ReceivedOn = On(1, 1);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(platform.Cases().RequestAdviceAsync(early))).Reason);

        var determined = await platform.DeterminedAsync();
        var offer = Offer(determined);
        offer.OfferedOn = On(2, 11);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(platform.Cases().OfferPlaceAsync(offer))).Reason);
    }

    [Fact]
    public async Task A_case_without_advice_or_determination_goes_no_further()
    {
        var opened = await platform.OpenedAsync();
        Assert.Equal(ErrorReason.AdviceMissing, (await RefusedAsync(platform.Cases().DetermineCaseAsync(Determine(opened)))).Reason);
        Assert.Equal(ErrorReason.NoPositiveDetermination, (await RefusedAsync(platform.Cases().OfferPlaceAsync(Offer(opened)))).Reason);

        var (negative, _) = await platform.AdvisedAsync(positive: false);
        Assert.Equal(ErrorReason.DeviationWithoutReason, (await RefusedAsync(platform.Cases().DetermineCaseAsync(Determine(negative)))).Reason);
        await platform.Cases().DetermineCaseAsync(Determine(negative, decision: Determination.Negative));
        Assert.Equal(ErrorReason.NoPositiveDetermination, (await RefusedAsync(platform.Cases().OfferPlaceAsync(Offer(negative)))).Reason);
    }

    [Fact]
    public async Task A_second_offer_waits_for_the_first()
    {
        var (caseId, _) = await platform.OfferedAsync();
        Assert.Equal(ErrorReason.OfferStands, (await RefusedAsync(platform.Cases().OfferPlaceAsync(Offer(caseId)))).Reason);
    }

    [Fact]
    public async Task Fields_that_exclude_each_other_are_named()
    {
        var caseId = await platform.DeterminedAsync();
        var offer = Offer(caseId);
        offer.Employer = "Hoveniersbedrijf";
        Assert.Equal(["company_id", "employer"], (await RefusedAsync(platform.Cases().OfferPlaceAsync(offer))).Fields);
        offer = Offer(caseId);
        offer.MinutesPerWeek = 0;
        Assert.Equal(["minutes_per_week"], (await RefusedAsync(platform.Cases().OfferPlaceAsync(offer))).Fields);

        var dropout = new RecordDropoutRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Moved, DroppedOutOn = On(3, 1),
        };
        Assert.Equal(ErrorReason.MovedToMissing, (await RefusedAsync(platform.Cases().RecordDropoutAsync(dropout))).Reason);
        (dropout.Reason, dropout.MovedTo) = (DropoutReason.Illness, Utrecht);
        Assert.Equal(["moved_to"], (await RefusedAsync(platform.Cases().RecordDropoutAsync(dropout))).Fields);
        Assert.Equal(["page_token"], (await RefusedAsync(platform.Cases().ListCasesAsync(new ListCasesRequest { Municipality = Amsterdam, PageToken = "x" }))).Fields);
    }

    [Fact]
    public async Task Only_the_kinds_of_organisation_that_may_call_do()
    {
        var refused = await RefusedAsync(new CaseService.CaseServiceClient(platform.Uwv()).OpenCaseAsync(Open()));
        Assert.Equal((ErrorReason.KindNotAllowed, StatusCode.PermissionDenied), (refused.Reason, refused.Code));
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(new QuotaService.QuotaServiceClient(platform.Municipality(Amsterdam)).ImportQuotaRegulationAsync(Regulation()))).Reason);
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(new TenantService.TenantServiceClient(platform.Ministry()).RegisterTenantAsync(Register("GM0518")))).Reason);
    }
}
