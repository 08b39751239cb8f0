using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Webhooks;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using UwvRequest = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;

namespace BeschutWerk.Platform.Tests.Uwv;

/// <summary>
/// What GetAdviceRequest hides from a municipality leaves by no other door: for each end that a citizen's own request may have, all
/// doors are looked through, and all of them show it as soon as it may be known.
/// </summary>
public sealed class HiddenRequestTests(WebhookPlatform platform) : IClassFixture<WebhookPlatform>
{
    private static readonly string[] AllEvents =
        ["advice-requested", "assessment-recorded", "advice-issued", "advice-withdrawn", "case-opened"];

    private static int _citizens;

    /// <summary>How far a request got.</summary>
    public enum Way
    {
        Running,
        Withdrawn,
        EndedByUwv,
        Advised,
        AdvisedByRule,
    }

    public static MatrixTheoryData<Way, bool> Ways => new(Enum.GetValues<Way>(), [false, true]);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_door_shows_of_a_citizens_request_what_the_calls_show(Way way, bool shared)
    {
        await using var doors = await Doors.OpenAsync(platform);
        var (citizen, person) = (NewCitizen(), NewPerson());
        var id = await GoAsync(way, shared, citizen, person);
        var isAdvised = way is Way.Advised or Way.AdvisedByRule;
        var isKnown = shared || isAdvised;
        await doors.PassAsync();

        // The calls that hide it.
        var get = new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = id };
        var explain = new ExplainAdviceRequest { Municipality = Amsterdam, AdviceRequestId = id };
        var calls = new AdviceService.AdviceServiceClient(platform.Municipality(Amsterdam));
        if (isKnown) Assert.Equal(id, (await calls.GetAdviceRequestAsync(get)).AdviceRequest.AdviceRequestId);
        else
        {
            Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(calls.GetAdviceRequestAsync(get))).Reason);
            Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(calls.ExplainAdviceAsync(explain))).Reason);
        }

        // The doors of events.
        string[] mayKnow = shared ? AllEvents : isAdvised ? ["advice-issued", "case-opened"] : [];
        foreach (var (door, events) in await doors.EventsAsync(id))
        {
            var names = events.Select(read => EventTypes.NameOf(read.Type)!).Distinct().ToList();
            Assert.True(!names.Except(mayKnow).Any(), $"{door}: {string.Join(", ", names)}");
            Assert.True(!shared || names.Contains("advice-requested"), $"{door} shows no shared request: {string.Join(", ", names)}");
            Assert.True(!isAdvised || names.Contains("advice-issued"), $"{door} shows no advice: {string.Join(", ", names)}");
        }

        // Everything else that a municipality can read, and what is kept for it.
        foreach (var (door, text) in await doors.TextsAsync(id))
        {
            Assert.True(isKnown || !text.Contains(id, StringComparison.Ordinal), $"{door} names the request");
            Assert.False(text.Contains(PlatformFixture.Pseudonym(citizen), StringComparison.Ordinal), $"{door} names the citizen");
        }

        foreach (var (file, bytes) in doors.Files())
        {
            Assert.False(Doors.Holds(bytes, PlatformFixture.Pseudonym(citizen)), $"{file} names the citizen");
            Assert.True(isKnown || !Doors.Holds(bytes, id), $"{file} names the request");
        }
    }

    [Fact]
    public async Task Insight_counts_what_nobody_else_sees()
    {
        await using var doors = await Doors.OpenAsync(platform);
        var id = await GoAsync(Way.Withdrawn, shared: false, NewCitizen(), NewPerson());
        await doors.PassAsync();

        Assert.Equal(
            ["advice-requested", "assessment-recorded", "advice-withdrawn"],
            (await doors.OfServiceAsync("insight", id)).Select(read => EventTypes.NameOf(read.Type)));
        foreach (var service in new[] { "municipalities", "swcompanies", "knowledge" })
        {
            Assert.Empty(await doors.OfServiceAsync(service, id));
        }
    }

    [Fact]
    public async Task What_an_earlier_version_kept_is_shown_to_nobody()
    {
        await using var doors = await Doors.OpenAsync(platform);
        var (citizen, person) = (NewCitizen(), NewPerson());
        var id = await GoAsync(Way.Running, shared: false, citizen, person);
        await doors.PassAsync();
        await doors.KeepAsEarlierVersionAsync(id, PlatformFixture.Pseudonym(citizen));
        var caseId = await platform.OpenedAsync(person: person);
        await doors.PutOnTimelineAsync(caseId, id);
        await doors.PassAsync();

        Assert.All(await doors.EventsAsync(id), door => Assert.True(door.Events.Count == 0, door.Door));
        string[] hidden = [id, PlatformFixture.Pseudonym(citizen)];
        Assert.All(await doors.TextsAsync(id), door =>
            Assert.False(hidden.Any(text => door.Text.Contains(text, StringComparison.Ordinal)), door.Door));
    }

    private static string NewCitizen() => $"schuilnaam-{Interlocked.Increment(ref _citizens)}-van-een-burger";

    private async Task<string> GoAsync(Way way, bool shared, string citizen, Person person)
    {
        var own = new AdviceService.AdviceServiceClient(platform.Citizen(citizen, Amsterdam, person.Bsn));
        var id = (await own.RequestAdviceAsync(new UwvRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = person, Benefit = Benefit.Wia,
            Kind = AdviceKind.First, PriorContact = PriorContact.None, ReceivedOn = On(1, 8), SharedBeforeAdvice = shared,
            OldWswAdvice = way == Way.AdvisedByRule ? OldWswAdvice.NotAble : OldWswAdvice.None,
        })).AdviceRequestId;
        if (way == Way.AdvisedByRule) return id;
        if (way == Way.Advised)
        {
            await platform.AdviseAsync(id);
            return id;
        }

        await platform.AsUwv.RecordAssessmentAsync(UwvPlatform.Assess(id));
        if (way == Way.Withdrawn) await own.WithdrawAdviceRequestAsync(UwvPlatform.Withdraw(id));
        if (way == Way.EndedByUwv)
        {
            await platform.AsUwv.EndAdviceRequestAsync(new EndAdviceRequestRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = id, Ending = AdviceEnding.Moved, EndedOn = On(2, 1),
            });
        }

        return id;
    }
}
