using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Municipalities;
using BeschutWerk.UwvAdvice;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using UwvRequest = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;

namespace BeschutWerk.Platform.Tests.Uwv;

/// <summary>A request that nobody waits for any more ends, so that the person may be asked for again.</summary>
public sealed class EndedRequestTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task Who_moved_is_asked_for_by_the_new_municipality_at_once()
    {
        var person = NewPerson();
        var (caseId, asked) = await AskedAsync(person);
        Assert.Equal(ErrorReason.RequestAlreadyRunning, (await RefusedAsync(platform.Cases(Utrecht).RequestAdviceAsync(await AskInUtrechtAsync(person)))).Reason);

        await platform.Cases().RecordDropoutAsync(Dropout(caseId, DropoutReason.Moved));
        Assert.Equal(CaseState.Requested, (await platform.Cases(Utrecht).RequestAdviceAsync(await AskInUtrechtAsync(person))).State);

        var seen = await SeenAsync(asked);
        Assert.Equal((AdviceState.Withdrawn, AdviceEnding.Moved, On(1, 15)), (seen.State, seen.Ending, seen.EndedOn));
        await MunicipalityPlatform.Eventually(
            async () => (await platform.TimelineAsync(caseId))[^1] == "advice-withdrawn", "the case tells that its request ended");
    }

    [Theory]
    [InlineData(DropoutReason.Declined, AdviceState.Requested, AdviceEnding.Unspecified)]
    [InlineData(DropoutReason.Moved, AdviceState.Requested, AdviceEnding.Unspecified)]
    [InlineData(DropoutReason.Deceased, AdviceState.Withdrawn, AdviceEnding.Deceased)]
    public async Task A_citizens_own_request_ends_by_a_dropout_only_when_they_died(
        DropoutReason reason, AdviceState state, AdviceEnding ending)
    {
        var person = NewPerson();
        var own = (await new AdviceService.AdviceServiceClient(platform.Citizen($"burger-{reason}", Amsterdam, person.Bsn)).RequestAdviceAsync(new UwvRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = person, Benefit = Benefit.None, Kind = AdviceKind.First,
            PriorContact = PriorContact.Consulted, ReceivedOn = On(1, 8), SharedBeforeAdvice = true,
        })).AdviceRequestId;
        var caseId = "";
        await MunicipalityPlatform.Eventually(async () => (caseId = await OpenedForAsync(person)) != "", "the municipality has a case of the shared request");

        await platform.Cases().RecordDropoutAsync(Dropout(caseId, reason));
        await CaughtUpAsync();

        var seen = await SeenAsync(own);
        Assert.Equal((state, ending), (seen.State, seen.Ending));
    }

    [Fact]
    public async Task A_request_that_the_municipality_asked_for_before_a_dropout_ends_also_when_the_cases_were_joined_meanwhile()
    {
        var person = NewPerson();
        var goes = await platform.OpenedAsync(person: person);
        var stays = await platform.OpenedAsync();
        await platform.Cases().RecordDropoutAsync(Dropout(stays, DropoutReason.Illness));
        // Within the same millisecond, finer than stores and events keep it: as early as the dropout, so not after it.
        var askedAt = (await DropoutOfAsync(stays)).Event.Time.ToDateTimeOffset().AddTicks(9_999);
        await platform.Cases().CorrectPersonAsync(new Contracts.Municipalities.CorrectPersonRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = stays, Person = person, Reason = "Dubbel.", CorrectedOn = On(3, 1), JoinCaseId = goes,
        });
        await CaughtUpAsync();

        var late = new UwvRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Municipality, Person = person, Benefit = Benefit.Participatiewet,
            Kind = AdviceKind.First, ReceivedOn = On(1, 15), RequesterReference = goes, AskedAt = Timestamp.FromDateTimeOffset(askedAt),
        };
        var asService = new AdviceService.AdviceServiceClient(platform.Service());
        Assert.Equal(AdviceEnding.DroppedOut, (await SeenAsync((await asService.RequestAdviceAsync(late)).AdviceRequestId)).Ending);
        // One that is asked for later goes on; what is said to be asked in the future was asked now.
        (late.RequestId, late.AskedAt) = (NewId(), Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddYears(1)));
        Assert.Equal(AdviceState.Requested, (await SeenAsync((await asService.RequestAdviceAsync(late)).AdviceRequestId)).State);
    }

    /// <summary>It was on its way while the dropout was both recorded and taken back.</summary>
    [Theory]
    [InlineData(DropoutReason.Illness, false)]
    [InlineData(DropoutReason.Illness, true)]
    [InlineData(DropoutReason.Moved, false)]
    [InlineData(DropoutReason.Deceased, true)]
    public async Task A_dropout_that_was_taken_back_ends_no_request_that_arrives_after_that(DropoutReason reason, bool isJoined)
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        var askedAt = DateTimeOffset.UtcNow;
        await platform.Cases().RecordDropoutAsync(Dropout(caseId, reason));
        var stays = caseId;
        if (isJoined)
        {
            stays = await platform.OpenedAsync();
            await platform.Cases().CorrectPersonAsync(new Contracts.Municipalities.CorrectPersonRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), CaseId = stays, Person = person, Reason = "Dubbel.", CorrectedOn = On(3, 1), JoinCaseId = caseId,
            });
        }

        await TakeBackDropoutAsync(stays);
        await CaughtUpAsync();
        Assert.Equal(AdviceState.Requested, (await SeenAsync(await ArrivesAsync(person, caseId, askedAt))).State);
    }

    /// <summary>As when the events of the municipality are read again, and when that of the dropout had waited.</summary>
    [Fact]
    public async Task A_dropout_whose_event_is_read_after_it_was_taken_back_ends_nothing()
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        var askedAt = DateTimeOffset.UtcNow;
        await platform.Cases().RecordDropoutAsync(Dropout(caseId, DropoutReason.Deceased));
        await TakeBackDropoutAsync(caseId);
        await CaughtUpAsync();
        var asked = await ArrivesAsync(person, caseId, askedAt);
        await ReadAgainAsync();
        Assert.Equal(AdviceState.Requested, (await SeenAsync(asked)).State);
        Assert.Equal(AdviceState.Requested, (await SeenAsync(await ArrivesAsync(NewPerson(), caseId, askedAt))).State);
    }

    /// <summary>Received before the day of the dropout, which was of somebody else.</summary>
    [Theory]
    [InlineData(DropoutReason.Illness)]
    [InlineData(DropoutReason.Moved)]
    [InlineData(DropoutReason.Deceased)]
    public async Task Advice_that_is_asked_after_a_dropout_was_taken_back_goes_on(DropoutReason reason)
    {
        var caseId = await platform.OpenedAsync();
        await platform.Cases().RecordDropoutAsync(Dropout(caseId, reason));
        await TakeBackDropoutAsync(caseId);
        await CaughtUpAsync();
        var asked = await platform.Cases().RequestAdviceAsync(Ask(caseId));
        await CaughtUpAsync();
        Assert.Equal((AdviceState.Requested, CaseState.Requested), ((await SeenAsync(asked.AdviceRequestId)).State, (await platform.CaseAsync(caseId)).State));
    }

    [Fact]
    public async Task A_citizen_does_not_say_when_they_asked()
    {
        var person = NewPerson();
        var refused = await RefusedAsync(new AdviceService.AdviceServiceClient(platform.Citizen("burger-asked", Amsterdam, person.Bsn)).RequestAdviceAsync(new UwvRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = person, Benefit = Benefit.None, Kind = AdviceKind.First,
            PriorContact = PriorContact.Consulted, ReceivedOn = On(1, 8), AskedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow),
        }));
        Assert.Equal(["asked_at"], refused.Fields);
    }

    [Fact]
    public async Task UWV_ends_a_request_for_a_reason_and_the_person_is_free_at_once()
    {
        var person = NewPerson();
        var (caseId, asked) = await AskedAsync(person);
        var end = End(asked, AdviceEnding.AskedTwice);
        end.Ending = AdviceEnding.Unspecified;
        Assert.Equal(["ending"], (await RefusedAsync(platform.AsUwv.EndAdviceRequestAsync(end))).Fields);
        end.Ending = AdviceEnding.AskedTwice;
        end.EndedOn = On(1, 7);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(platform.AsUwv.EndAdviceRequestAsync(end))).Reason);
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(new AdviceService.AdviceServiceClient(platform.Municipality(Amsterdam)).EndAdviceRequestAsync(end))).Reason);
        end.EndedOn = On(1, 20);
        Assert.Equal(AdviceState.Withdrawn, (await platform.AsUwv.EndAdviceRequestAsync(end)).State);

        Assert.Equal(CaseState.Requested, (await platform.Cases(Utrecht).RequestAdviceAsync(await AskInUtrechtAsync(person))).State);
        await platform.BecomesAsync(caseId, CaseState.AdviceWithdrawn);
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(platform.AsUwv.EndAdviceRequestAsync(End(asked, AdviceEnding.Moved)))).Reason);
        var (_, advised) = await platform.AdvisedAsync();
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(platform.AsUwv.EndAdviceRequestAsync(End(advised, AdviceEnding.Moved)))).Reason);
    }

    [Fact]
    public async Task The_requests_of_a_suspended_municipality_keep_nobody_from_asking()
    {
        var person = NewPerson();
        var asked = await AskedAsync(person, Groningen);
        await platform.Tenants.SuspendTenantAsync(new SuspendTenantRequest { Municipality = Groningen, RequestId = NewId(), SuspendedOn = On(7, 1), Reason = "Toets" });

        await platform.AsUwv.EndAdviceRequestAsync(End(asked.AdviceRequestId, AdviceEnding.Moved, Groningen));

        Assert.Equal(CaseState.Requested, (await platform.Cases(Utrecht).RequestAdviceAsync(await AskInUtrechtAsync(person))).State);
    }

    private async Task<(string CaseId, string AdviceRequestId)> AskedAsync(Person person, string code = Amsterdam)
    {
        var caseId = await platform.OpenedAsync(code, person);
        return (caseId, (await platform.Cases(code).RequestAdviceAsync(Ask(caseId, code))).AdviceRequestId);
    }

    private async Task<BeschutWerk.Contracts.Municipalities.RequestAdviceRequest> AskInUtrechtAsync(Person person) =>
        Ask(await platform.OpenedAsync(Utrecht, person), Utrecht);

    /// <summary>The case that the person has; empty while there is none.</summary>
    private async Task<string> OpenedForAsync(Person person)
    {
        var listed = await platform.Cases().ListCasesAsync(new ListCasesRequest { Municipality = Amsterdam, PageSize = 500 });
        foreach (var known in listed.Cases)
        {
            if ((await platform.CaseAsync(known.CaseId)).Person.Bsn == person.Bsn) return known.CaseId;
        }

        return "";
    }

    private async Task TakeBackDropoutAsync(string caseId) => await platform.Cases().TakeBackActAsync(new TakeBackActRequest
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = "Verkeerde persoon.", TakenBackOn = On(3, 1),
        EventId = (await DropoutOfAsync(caseId)).Event.Id,
    });

    private async Task<TimelineEntry> DropoutOfAsync(string caseId)
    {
        var timeline = await platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId });
        return timeline.Entries.Last(entry => entry.Event.Type.EndsWith(".candidate-dropped-out.v1", StringComparison.Ordinal));
    }

    /// <summary>A request of the municipality that was on its way since then.</summary>
    private async Task<string> ArrivesAsync(Person person, string caseId, DateTimeOffset askedAt) =>
        (await new AdviceService.AdviceServiceClient(platform.Service()).RequestAdviceAsync(new UwvRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Municipality, Person = person, Benefit = Benefit.Participatiewet,
            Kind = AdviceKind.First, ReceivedOn = On(1, 8), RequesterReference = caseId, AskedAt = Timestamp.FromDateTimeOffset(askedAt),
        })).AdviceRequestId;

    /// <summary>UWV reads all events of the municipalities once more.</summary>
    private async Task ReadAgainAsync()
    {
        var stores = platform.App.Services.GetRequiredService<ServiceRuntime<UwvStore, UwvPlatformStore>>().TenantStores;
        await stores.Get(TenantId.Parse(Amsterdam)).WriteAsync(
            WriteInfo.Capture(Caller.OfService("uwv")),
            session => session.Command("UPDATE sources SET applied = 0 WHERE service = 'municipalities'").ExecuteNonQuery());
        await platform.RestartAsync();
        await CaughtUpAsync();
    }

    private Task CaughtUpAsync() =>
        platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);

    private async Task<AdviceRequest> SeenAsync(string adviceRequestId) => (await platform.AsUwv.GetAdviceRequestAsync(
        new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = adviceRequestId })).AdviceRequest;

    private static RecordDropoutRequest Dropout(string caseId, DropoutReason reason) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = reason, DroppedOutOn = On(1, 15),
        MovedTo = reason == DropoutReason.Moved ? Utrecht : "",
    };

    private static EndAdviceRequestRequest End(string adviceRequestId, AdviceEnding ending, string code = Amsterdam) => new()
    {
        Municipality = code, RequestId = NewId(), AdviceRequestId = adviceRequestId, Ending = ending, EndedOn = On(1, 20),
    };
}
