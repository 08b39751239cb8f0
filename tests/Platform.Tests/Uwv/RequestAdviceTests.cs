using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Fixtures;
using Grpc.Core;
using Date = Google.Type.Date;
using SuspendTenantRequest = BeschutWerk.Contracts.Municipalities.SuspendTenantRequest;
using TenantService = BeschutWerk.Contracts.Municipalities.TenantService;

namespace BeschutWerk.Platform.Tests.Uwv;

public sealed class RequestAdviceTests(UwvPlatform platform) : IClassFixture<UwvPlatform>
{
    public static TheoryData<string, Action<RequestAdviceRequest>, string[]> BadRequestsOfCitizens { get; } = new()
    {
        { "municipality malformed", r => r.Municipality = "0363", ["municipality"] },
        { "request_id malformed", r => r.RequestId = "once", ["request_id"] },
        { "BSN fails the eleven-test", r => r.Person.Bsn = "123456789", ["person.bsn"] },
        { "no name", r => r.Person.Name = "", ["person.name"] },
        { "no person", r => r.Person = null, ["person"] },
        { "received in the future", r => r.ReceivedOn = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(2).ToDate(), ["received_on"] },
        { "received on no day", r => r.ReceivedOn = new Date { Year = 2018, Month = 2, Day = 29 }, ["received_on"] },
        { "received before birth", r => r.Person.BirthDate = UwvPlatform.Received.AddDays(1).ToDate(), ["received_on"] },
        { "asks as a municipality", r => r.Requester = Requester.Municipality, ["requester"] },
        { "prior contact not said", r => r.PriorContact = PriorContact.Unspecified, ["prior_contact"] },
        { "with a case id", r => r.RequesterReference = UwvPlatform.NewId(), ["requester_reference"] },
        { "repeat of nothing", r => r.Kind = AdviceKind.Repeat, ["previous_advice_request_id"] },
        { "first after another", r => r.PreviousAdviceRequestId = UwvPlatform.NewId(), ["previous_advice_request_id"] },
        { "unknown benefit", r => r.Benefit = (Benefit)99, ["benefit"] },
        {
            "all at once",
            r =>
            {
                r.Person.Bsn = "1";
                r.Benefit = Benefit.Unspecified;
                r.ReceivedOn = null;
            },
            ["person.bsn", "benefit", "received_on"]
        },
    };

    [Theory]
    [MemberData(nameof(BadRequestsOfCitizens))]
    public async Task A_bad_field_is_refused_by_name(string what, Action<RequestAdviceRequest> spoil, string[] fields)
    {
        var request = UwvPlatform.FromCitizen(UwvPlatform.NewPerson());
        var citizen = platform.AsCitizen(platform.NewCitizen(), request);
        spoil(request);

        var refused = await UwvPlatform.RefusedAsync(citizen.RequestAdviceAsync(request));

        Assert.Equal((ErrorReason.InvalidFields, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
        Assert.Equal(fields, refused.Fields);
        var stored = await citizen.ListAdviceRequestsAsync(new() { Municipality = UwvPlatform.Amsterdam });
        Assert.True(stored.AdviceRequests.Count == 0, $"something was stored: {what}");
    }

    [Fact]
    public async Task A_municipality_gives_its_case_id_and_asks_from_2015_on()
    {
        var request = UwvPlatform.FromMunicipality(UwvPlatform.NewPerson());
        request.RequesterReference = "";
        request.ReceivedOn = new DateOnly(2014, 12, 31).ToDate();

        var refused = await UwvPlatform.RefusedAsync(platform.AsService.RequestAdviceAsync(request));

        Assert.Equal(["requester_reference", "received_on"], refused.Fields);
    }

    [Theory]
    [InlineData("2016-12-31")]
    [InlineData("2014-06-01")]
    public async Task Citizens_may_ask_from_2017_on(string received)
    {
        var request = UwvPlatform.FromCitizen(UwvPlatform.NewPerson());
        request.ReceivedOn = DateOnly.Parse(received).ToDate();

        var refused = await UwvPlatform.RefusedAsync(platform.AsCitizen(platform.NewCitizen(), request).RequestAdviceAsync(request));

        Assert.Equal((ErrorReason.CitizenRequestBefore2017, StatusCode.FailedPrecondition), (refused.Reason, refused.Code));
    }

    [Fact]
    public async Task Only_citizens_and_services_ask()
    {
        var request = UwvPlatform.FromMunicipality(UwvPlatform.NewPerson());
        Assert.Equal(ErrorReason.KindNotAllowed, (await UwvPlatform.RefusedAsync(platform.AsUwv.RequestAdviceAsync(request))).Reason);
        Assert.Equal(ErrorReason.KindNotAllowed, (await UwvPlatform.RefusedAsync(platform.AsMunicipality().RequestAdviceAsync(request))).Reason);
    }

    [Fact]
    public async Task An_unknown_municipality_is_not_found()
    {
        var request = UwvPlatform.FromMunicipality(UwvPlatform.NewPerson(), "GM9999");
        Assert.Equal(ErrorReason.MunicipalityNotFound, (await UwvPlatform.RefusedAsync(platform.AsService.RequestAdviceAsync(request))).Reason);
    }

    [Fact]
    public async Task A_citizen_asks_where_he_lives()
    {
        var request = UwvPlatform.FromCitizen(UwvPlatform.NewPerson(), UwvPlatform.Utrecht);
        var refused = await UwvPlatform.RefusedAsync(new AdviceService.AdviceServiceClient(platform.Citizen(platform.NewCitizen(), UwvPlatform.Amsterdam, request.Person.Bsn)).RequestAdviceAsync(request));
        Assert.Equal((ErrorReason.MunicipalityNotFound, StatusCode.NotFound), (refused.Reason, refused.Code));
    }

    [Fact]
    public async Task A_suspended_municipality_is_refused()
    {
        const string Rotterdam = "GM0599";
        await platform.RegisterAsync(Rotterdam, "Rotterdam");
        await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson(), Rotterdam));
        await new TenantService.TenantServiceClient(platform.Operator()).SuspendTenantAsync(new SuspendTenantRequest
        {
            Municipality = Rotterdam, RequestId = UwvPlatform.NewId(), SuspendedOn = UwvPlatform.Received.ToDate(), Reason = "Toets",
        });
        await PlatformFixture.Eventually(() => Task.FromResult(platform.Runtime.Tenants.Find(TenantId.Parse(Rotterdam)) == TenantStanding.Suspended), "UWV knows");

        var refused = await UwvPlatform.RefusedAsync(platform.AsService.RequestAdviceAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson(), Rotterdam)));
        Assert.Equal((ErrorReason.TenantSuspended, StatusCode.FailedPrecondition), (refused.Reason, refused.Code));
    }

    [Fact]
    public async Task A_request_without_a_rule_waits_eight_weeks_at_most()
    {
        var answer = await platform.AsService.RequestAdviceAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));

        Assert.Equal((Outcome.Investigate, 1L), (answer.Outcome, answer.Version));
        Assert.Null(answer.Advice);
        Assert.Equal(new DateOnly(2018, 3, 5), answer.DueOn.ToDateOnly());
    }

    [Theory]
    [InlineData(OldWswAdvice.Able, Verdict.Negative, Ground.WswAble)]
    [InlineData(OldWswAdvice.NotAble, Verdict.Positive, Ground.WswNotAble)]
    public async Task A_rule_that_decides_gives_the_advice_at_once(OldWswAdvice old, Verdict verdict, Ground ground)
    {
        var request = UwvPlatform.FromMunicipality(UwvPlatform.NewPerson());
        request.OldWswAdvice = old;

        var answer = await platform.AsService.RequestAdviceAsync(request);

        var expected = new Advice { Verdict = verdict, Ground = ground, IssuedOn = UwvPlatform.Received.ToDate() };
        Assert.Equal((Outcome.Advice, expected, 2L), (answer.Outcome, answer.Advice, answer.Version));
        var stored = (await platform.AsMunicipality().GetAdviceRequestAsync(UwvPlatform.Get(answer.AdviceRequestId))).AdviceRequest;
        Assert.Equal((AdviceState.Issued, expected), (stored.State, stored.Advice));
        Assert.Equal(ErrorReason.StateForbids, (await UwvPlatform.RefusedAsync(platform.AsUwv.RecordAssessmentAsync(UwvPlatform.Assess(answer.AdviceRequestId)))).Reason);
    }

    [Fact]
    public async Task The_same_call_again_is_answered_again_and_stored_once()
    {
        var citizen = platform.NewCitizen();
        var request = UwvPlatform.FromCitizen(UwvPlatform.NewPerson());
        var calls = Enumerable.Range(0, 16).Select(_ => platform.AsCitizen(citizen, request).RequestAdviceAsync(request).ResponseAsync);

        var answers = await Task.WhenAll(calls);

        Assert.Single(answers.Distinct());
        var listed = await platform.AsCitizen(citizen).ListAdviceRequestsAsync(new() { Municipality = UwvPlatform.Amsterdam });
        Assert.Equal(answers[0].AdviceRequestId, Assert.Single(listed.AdviceRequests).AdviceRequestId);
    }

    [Fact]
    public async Task The_same_key_for_another_request_is_refused()
    {
        var request = UwvPlatform.FromMunicipality(UwvPlatform.NewPerson());
        await platform.AsService.RequestAdviceAsync(request);
        request.Person = UwvPlatform.NewPerson();

        var refused = await UwvPlatform.RefusedAsync(platform.AsService.RequestAdviceAsync(request));

        Assert.Equal((ErrorReason.RequestIdReused, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
    }
}
