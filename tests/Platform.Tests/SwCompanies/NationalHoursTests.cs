using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Municipalities;
using BeschutWerk.SwCompanies;
using BeschutWerk.SwCompanies.NationalHours;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

/// <summary>A person works at most forty hours a week, in all municipalities together.</summary>
public sealed class NationalHoursTests(NationalHoursTests.Country platform) : IClassFixture<NationalHoursTests.Country>
{
    private const int Hours36 = 36 * 60, Hours20 = 20 * 60;

    [Fact]
    public async Task A_report_beyond_forty_hours_over_municipalities_is_refused_alone_and_in_bulk()
    {
        var (here, there) = await AcceptedInBothAsync(NewPerson());
        await platform.AsCompany.ReportPlacementAsync(Place(here.CaseId, here.OfferId, Amsterdam, Hours36));
        await CaughtUpAsync();

        var place = Place(there.CaseId, there.OfferId, Utrecht, Hours36);
        Assert.Equal(ErrorReason.HoursExceedForty, (await RefusedAsync(platform.AsCompany.ReportPlacementAsync(place))).Reason);
        using var stream = platform.AsCompany.ReportPlacements();
        await stream.RequestStream.SendAsync(new ReportPlacementsRequest
        {
            Municipality = Utrecht, Items = { new PlacementItem { PlacementId = NewId(), Report = place.Report }, new PlacementItem { PlacementId = NewId(), Report = Within(place, 4 * 60) } },
        });
        Assert.True(await stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(
            [ErrorReason.HoursExceedForty, ErrorReason.Unspecified], stream.ResponseStream.Current.Answers.Select(answer => answer.Refusal?.Reason ?? ErrorReason.Unspecified));
        await AllCheckedAsync();
        Assert.Empty(ToldOf(there.CaseId, Utrecht));
    }

    [Fact]
    public async Task More_hours_and_a_longer_placement_are_refused_too()
    {
        var (here, there) = await AcceptedInBothAsync(NewPerson());
        await platform.AsCompany.ReportPlacementAsync(Place(here.CaseId, here.OfferId, Amsterdam, Hours20));
        await CaughtUpAsync();
        var placement = (await platform.AsCompany.ReportPlacementAsync(Place(there.CaseId, there.OfferId, Utrecht, Hours20))).PlacementId;

        var amend = new AmendPlacementRequest { Municipality = Utrecht, RequestId = NewId(), PlacementId = placement, FromOn = On(4, 1), MinutesPerWeek = Hours20 + 60 };
        Assert.Equal(ErrorReason.HoursExceedForty, (await RefusedAsync(platform.AsCompany.AmendPlacementAsync(amend))).Reason);

        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest { Municipality = Utrecht, RequestId = NewId(), PlacementId = placement, LastDay = On(4, 30), Reason = EndReason.Regular });
        await platform.AsCompany.AmendPlacementAsync(new AmendPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = PlacementsOf(here.CaseId, Amsterdam)[0], FromOn = On(5, 1), MinutesPerWeek = Hours36,
        });
        var correct = new CorrectPlacementEndRequest { Municipality = Utrecht, RequestId = NewId(), PlacementId = placement, NeverEnded = true };
        Assert.Equal(ErrorReason.HoursExceedForty, (await RefusedAsync(platform.AsCompany.CorrectPlacementEndAsync(correct))).Reason);
        await AllCheckedAsync();
        Assert.Empty(ToldOf(here.CaseId, Amsterdam));
    }

    [Fact]
    public async Task Hours_elsewhere_count_for_a_joined_case_by_either_id()
    {
        var (here, there) = await AcceptedInBothAsync(NewPerson());
        await platform.AsCompany.ReportPlacementAsync(Place(there.CaseId, there.OfferId, Utrecht, Hours36));
        var stays = await platform.OpenedAsync();
        await platform.Cases().CorrectPersonAsync(new Contracts.Municipalities.CorrectPersonRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = stays, Person = (await platform.CaseAsync(here.CaseId)).Person, Reason = "Verkeerd overgenomen.", CorrectedOn = On(3, 1),
            JoinCaseId = here.CaseId,
        });
        await CaughtUpAsync();

        Assert.Equal([Guid.Parse(stays)], Linked()[Guid.Parse(there.CaseId)].Select(linked => linked.CaseId));
        foreach (var id in new[] { here.CaseId, stays })
        {
            Assert.Equal(ErrorReason.HoursExceedForty, (await RefusedAsync(platform.AsCompany.ReportPlacementAsync(Place(id, here.OfferId, Amsterdam, Hours36)))).Reason);
        }

        await platform.AsCompany.ReportPlacementAsync(Place(here.CaseId, here.OfferId, Amsterdam, 4 * 60));
        await AllCheckedAsync();
        Assert.Empty(ToldOf(stays, Amsterdam));
    }

    private Task NamedAsync(string caseId, string code, params string[] placements) => MunicipalityPlatform.Eventually(
        async () => (await platform.CaseAsync(caseId, code)).DiscrepancyDetails
            .Where(found => found.Kind == Contracts.Municipalities.DiscrepancyKind.HoursExceedForty).Select(found => found.Fact).SequenceEqual(placements),
        "the case names it");

    [Fact]
    public async Task What_comes_to_light_later_is_told_to_both_once_and_says_nothing_of_the_other()
    {
        var (person, mistaken) = (NewPerson(), NewPerson());
        var here = await platform.AcceptedAsync(Amsterdam, person, Hours36);
        var there = await platform.AcceptedAsync(Utrecht, mistaken, Hours36);
        var ours = (await platform.AsCompany.ReportPlacementAsync(Place(here.CaseId, here.OfferId, Amsterdam, Hours36))).PlacementId;
        var theirs = (await platform.AsCompany.ReportPlacementAsync(Place(there.CaseId, there.OfferId, Utrecht, Hours36))).PlacementId;
        await CaughtUpAsync();
        Assert.Empty(ToldOf(here.CaseId, Amsterdam));

        // Utrecht had written another BSN: only now it is known that both are one person.
        var request = (await platform.CaseAsync(there.CaseId, Utrecht)).AdviceRequestId;
        await new AdviceService.AdviceServiceClient(platform.Service()).CorrectPersonAsync(new CorrectPersonRequest
        {
            Municipality = Utrecht, RequestId = NewId(), AdviceRequestIds = { request }, Person = person, CorrectedOn = On(4, 1),
        });
        await MunicipalityPlatform.Eventually(() => Task.FromResult(ToldOf(here.CaseId, Amsterdam).Count == 1 && ToldOf(there.CaseId, Utrecht).Count == 1), "both are told");

        Assert.Equal(new HoursExceeded { CaseId = here.CaseId, PlacementId = ours, FromOn = On(3, 5), MinutesPerWeek = 2 * Hours36 }, ToldOf(here.CaseId, Amsterdam)[0]);
        Assert.Equal(new HoursExceeded { CaseId = there.CaseId, PlacementId = theirs, FromOn = On(3, 5), MinutesPerWeek = 2 * Hours36 }, ToldOf(there.CaseId, Utrecht)[0]);

        await NamedAsync(here.CaseId, Amsterdam, ours);
        await NamedAsync(there.CaseId, Utrecht, theirs);

        // Looked at again, as after a start: the same is not told twice, nor is it over.
        await LeftBehindAsync(here.CaseId);
        await platform.RestartAsync();
        await AllCheckedAsync();
        Assert.Single(ToldOf(here.CaseId, Amsterdam));
        Assert.Single(ToldOf(there.CaseId, Utrecht));
        Assert.Empty(EndedOf(here.CaseId, Amsterdam));

        // Less in one of them, but too much still; then nothing any more.
        await platform.AsCompany.AmendPlacementAsync(new AmendPlacementRequest { Municipality = Utrecht, RequestId = NewId(), PlacementId = theirs, FromOn = On(3, 5), MinutesPerWeek = Hours20 });
        await MunicipalityPlatform.Eventually(() => Task.FromResult(ToldOf(here.CaseId, Amsterdam).Count == 2 && ToldOf(there.CaseId, Utrecht).Count == 2), "what it is now is told");
        Assert.Equal(Hours36 + Hours20, ToldOf(here.CaseId, Amsterdam)[1].MinutesPerWeek);
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest { Municipality = Utrecht, RequestId = NewId(), PlacementId = theirs, LastDay = On(3, 5), Reason = EndReason.Correction });
        await MunicipalityPlatform.Eventually(() => Task.FromResult(EndedOf(here.CaseId, Amsterdam).Count == 2 && EndedOf(there.CaseId, Utrecht).Count == 2), "it is over for both");
        Assert.Equal(
            ToldOf(here.CaseId, Amsterdam).Select(told => (told.PlacementId, told.FromOn, told.MinutesPerWeek)),
            EndedOf(here.CaseId, Amsterdam).Select(ended => (ended.PlacementId, ended.FromOn, ended.MinutesPerWeek)));
        await NamedAsync(here.CaseId, Amsterdam);
        await NamedAsync(there.CaseId, Utrecht);
    }

    [Fact]
    public async Task An_excess_of_two_persons_who_were_taken_for_one_is_over()
    {
        var (person, other) = (NewPerson(), NewPerson());
        var (here, there) = await AcceptedInBothAsync(person);
        await platform.AsCompany.ReportPlacementAsync(Place(here.CaseId, here.OfferId, Amsterdam, Hours36));
        await CaughtUpAsync();
        await AllCheckedAsync();
        await StoreUnseenAsync(there, Hours36);
        await LeftBehindAsync(there.CaseId);
        await platform.RestartAsync();
        await MunicipalityPlatform.Eventually(() => Task.FromResult(ToldOf(here.CaseId, Amsterdam).Count == 1 && ToldOf(there.CaseId, Utrecht).Count == 1), "both are told");

        await new AdviceService.AdviceServiceClient(platform.Service()).CorrectPersonAsync(new CorrectPersonRequest
        {
            Municipality = Utrecht, RequestId = NewId(), AdviceRequestIds = { (await platform.CaseAsync(there.CaseId, Utrecht)).AdviceRequestId }, Person = other, CorrectedOn = On(4, 1),
        });

        await MunicipalityPlatform.Eventually(() => Task.FromResult(EndedOf(here.CaseId, Amsterdam).Count == 1 && EndedOf(there.CaseId, Utrecht).Count == 1), "it is over for both");
    }

    [Fact]
    public async Task What_a_process_that_died_had_changed_is_looked_at_by_the_next_one()
    {
        var (here, there) = await AcceptedInBothAsync(NewPerson());
        await platform.AsCompany.ReportPlacementAsync(Place(here.CaseId, here.OfferId, Amsterdam, Hours36));
        await CaughtUpAsync();
        await AllCheckedAsync();
        // Its call had stored the placement, and died before it looked.
        await StoreUnseenAsync(there, Hours36);
        await LeftBehindAsync(there.CaseId);

        await platform.RestartAsync();

        await MunicipalityPlatform.Eventually(() => Task.FromResult(ToldOf(here.CaseId, Amsterdam).Count == 1 && ToldOf(there.CaseId, Utrecht).Count == 1), "both are told");
    }

    [Fact]
    public async Task Two_reports_at_the_same_moment_are_refused_or_told()
    {
        for (var i = 0; i < 10; i++)
        {
            var (here, there) = await AcceptedInBothAsync(NewPerson());
            await CaughtUpAsync();
            var accepted = await Task.WhenAll(
                AcceptsAsync(Place(here.CaseId, here.OfferId, Amsterdam, Hours36)), AcceptsAsync(Place(there.CaseId, there.OfferId, Utrecht, Hours36)));
            await AllCheckedAsync();

            Assert.Contains(true, accepted);
            var told = accepted.All(stored => stored) ? 1 : 0;
            Assert.Equal((told, told), (ToldOf(here.CaseId, Amsterdam).Count, ToldOf(there.CaseId, Utrecht).Count));
        }
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_the_hours_elsewhere_are_read_leaves_them_to_be_looked_at()
    {
        var here = await platform.AcceptedAsync(Amsterdam, NewPerson(), Hours36);
        var placement = (await platform.AsCompany.ReportPlacementAsync(Place(here.CaseId, here.OfferId, Amsterdam, Hours20))).PlacementId;
        await CaughtUpAsync();
        await AllCheckedAsync();
        // Whether GM0007 takes part is asked of Municipalities: a call that is cancelled gets no answer.
        await LinkElsewhereAsync((await platform.CaseAsync(here.CaseId)).AdviceRequestId, "GM0007");
        using var cancel = new CancellationTokenSource();
        var company = new Caller(OrganisationKind.SwCompany, MunicipalityPlatform.Company, new HashSet<string>());
        var scope = new CallScope<SwCompanyStore, SwCompaniesPlatformStore>(Runtime, company, TenantId.Parse(Amsterdam), Ids.New(), cancel.Token);
        using var go = new ManualResetEventSlim();
        var blocked = BlockAsync(Runtime.PlatformStore, go);

        var reading = HoursOfPersons.OfAmendedAsync(new AmendPlacementRequest { PlacementId = placement }, scope);
        await MunicipalityPlatform.Eventually(() => Task.FromResult(Runtime.PlatformStore.QueueDepth > 0), "the check is about to be stored");
        // In the same commit: cancelled as soon as the check is stored.
        var cancelled = Runtime.PlatformStore.WriteAsync(WriteInfo.Capture(HoursCheck.Self), session =>
        {
            session.AfterCommit(cancel.Cancel);
            return true;
        });
        go.Set();
        await Task.WhenAll(blocked, cancelled);
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => reading)).StatusCode);

        await UnlinkAsync("GM0007");
        await AllCheckedAsync();
    }

    [Fact]
    public async Task A_change_that_was_stored_is_answered_so_and_looked_at_also_when_the_platform_store_takes_nothing_more()
    {
        var (here, there) = await AcceptedInBothAsync(NewPerson());
        var placement = (await platform.AsCompany.ReportPlacementAsync(Place(here.CaseId, here.OfferId, Amsterdam, Hours36))).PlacementId;
        await CaughtUpAsync();
        await AllCheckedAsync();
        var amsterdam = Runtime.TenantStores.Get(TenantId.Parse(Amsterdam));
        using var goHere = new ManualResetEventSlim();
        using var goPlatform = new ManualResetEventSlim();
        var blockedHere = BlockAsync(amsterdam, goHere);
        using var amending = platform.AsCompany.AmendPlacementAsync(new AmendPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, FromOn = On(4, 1), MinutesPerWeek = Hours20 + 60,
        });
        await MunicipalityPlatform.Eventually(() => Task.FromResult(ToBeChecked() == 1 && amsterdam.QueueDepth > 0), "the amendment waits to be stored");
        // At the same moment the person gets hours elsewhere, of which the amendment does not know.
        await StoreUnseenAsync(there, Hours36);
        var blocked = BlockAsync(Runtime.PlatformStore, goPlatform);
        var queued = FillQueue(Runtime.PlatformStore);

        goHere.Set();
        await blockedHere;
        Assert.Equal(2, (await amending.ResponseAsync.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).Version);
        // At the first try: the client repeats a call that is told to try later.
        Assert.Null((await amending.ResponseHeadersAsync).GetValue("grpc-previous-rpc-attempts"));

        goPlatform.Set();
        await blocked;
        await Task.WhenAll(queued);
        await AllCheckedAsync();
        Assert.NotEmpty(ToldOf(here.CaseId, Amsterdam));
        Assert.NotEmpty(ToldOf(there.CaseId, Utrecht));
    }

    [Fact]
    public async Task A_case_that_is_linked_to_none_costs_no_look_elsewhere()
    {
        var (here, there) = await AcceptedInBothAsync(NewPerson());
        var alone = await platform.AcceptedAsync(Amsterdam, NewPerson(), Hours36);
        await CaughtUpAsync();

        var known = Linked();

        Assert.Contains(Guid.Parse(here.CaseId), known.Keys);
        Assert.Equal([new LinkedCase(Amsterdam, Guid.Parse(here.CaseId))], known[Guid.Parse(there.CaseId)]);
        Assert.DoesNotContain(Guid.Parse(alone.CaseId), known.Keys);
    }

    private ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore> Runtime =>
        platform.App.Services.GetRequiredService<ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore>>();

    private async Task<((string CaseId, string OfferId) Here, (string CaseId, string OfferId) There)> AcceptedInBothAsync(Person person) =>
        (await platform.AcceptedAsync(Amsterdam, person, Hours36), await platform.AcceptedAsync(Utrecht, person, Hours36));

    private async Task<bool> AcceptsAsync(ReportPlacementRequest request)
    {
        try
        {
            await platform.AsCompany.ReportPlacementAsync(request);
            return true;
        }
        catch (RpcException refused)
        {
            Assert.Equal(ErrorReason.HoursExceedForty, RefusalStatus.ReasonOf(refused));
            return false;
        }
    }

    private Task CaughtUpAsync() =>
        platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);

    private Task AllCheckedAsync() => MunicipalityPlatform.Eventually(() => Task.FromResult(ToBeChecked() == 0), "all hours were looked at");

    private long ToBeChecked() =>
        (long)Runtime.PlatformStore.Read(HoursCheck.Self, session => session.Command("SELECT COUNT(*) FROM hours_to_check").ExecuteScalar())!;

    /// <summary>Says that the person of a request has a case in another municipality too.</summary>
    private Task LinkElsewhereAsync(string request, string municipality) => ChangeLinksAsync(session =>
    {
        var elsewhere = Ids.New();
        LinkRows.Link(session, [Guid.Parse(request), elsewhere], Ids.New());
        LinkRows.Determine(session, elsewhere, new LinkedCase(municipality, Ids.New()));
    });

    private Task UnlinkAsync(string municipality) => ChangeLinksAsync(session =>
        session.Command("DELETE FROM determined_requests WHERE municipality = $municipality").Set("$municipality", municipality).ExecuteNonQuery());

    private async Task ChangeLinksAsync(Action<WriteSession<SwCompaniesPlatformStore>> change)
    {
        await Runtime.PlatformStore.WriteAsync(WriteInfo.Capture(HoursCheck.Self), session =>
        {
            change(session);
            return true;
        });
        platform.App.Services.GetRequiredService<LinkedCases>().Changed();
    }

    /// <summary>Holds up the writes of a store until it may go on; completes after that.</summary>
    private static Task BlockAsync<TStore>(StoreHandle<TStore> store, ManualResetEventSlim go) where TStore : StoreContext =>
        store.WriteAsync(WriteInfo.Capture(HoursCheck.Self), _ => go.Wait(TimeSpan.FromSeconds(60)));

    /// <summary>Queues as many writes as a store takes.</summary>
    private static List<Task> FillQueue<TStore>(StoreHandle<TStore> store) where TStore : StoreContext
    {
        var queued = new List<Task>();
        try
        {
            while (true) queued.Add(store.WriteAsync(WriteInfo.Capture(HoursCheck.Self), _ => true));
        }
        catch (RefusalException refused)
        {
            Assert.Equal(ErrorReason.WriteQueueFull, refused.Refusal.Reason);
            return queued;
        }
    }

    private Task LeftBehindAsync(string caseId) => Runtime.PlatformStore.WriteAsync(
        WriteInfo.Capture(HoursCheck.Self), session => LinkRows.AddChecks(session, [Guid.Parse(caseId)]));

    private Task StoreUnseenAsync((string CaseId, string OfferId) accepted, int minutes)
    {
        var place = Place(accepted.CaseId, accepted.OfferId, Utrecht, minutes);
        var entry = BeschutWerk.SwCompanies.Placements.PlacementEntry.Of(place, byMunicipality: false, DateOnly.FromDateTime(DateTime.UtcNow));
        var company = new Caller(OrganisationKind.SwCompany, MunicipalityPlatform.Company, new HashSet<string>());
        return Runtime.TenantStores.Get(TenantId.Parse(Utrecht)).WriteAsync(
            WriteInfo.Capture(company), session => BeschutWerk.SwCompanies.Placements.ReportPlacements.Run([entry], HoursElsewhere.None, knowsAll: true, session));
    }

    private List<string> PlacementsOf(string caseId, string code) => Runtime.TenantStores.Get(TenantId.Parse(code)).Read(
        HoursCheck.Self, session => HoursOfPersons.PlacementsOf(session, Guid.Parse(caseId)).ConvertAll(placement => placement.PlacementId.Text()));

    private System.Collections.Frozen.FrozenDictionary<Guid, LinkedCase[]> Linked() =>
        platform.App.Services.GetRequiredService<LinkedCases>().Known(Runtime.PlatformStore).Others;

    private List<HoursExceeded> ToldOf(string caseId, string code) =>
        [.. Raised<HoursExceeded>("hours-exceeded", code).Where(told => told.CaseId == caseId)];

    private List<HoursExcessEnded> EndedOf(string caseId, string code) =>
        [.. Raised<HoursExcessEnded>("hours-excess-ended", code).Where(ended => ended.CaseId == caseId)];

    private IEnumerable<T> Raised<T>(string name, string code) where T : Google.Protobuf.IMessage<T>, new() =>
        Runtime.Feed(TenantId.Parse(code)).ReadOwnAfter(0, 100_000)
        .Where(logged => EventTypes.NameOf(logged.Event.Type) == name).Select(logged => logged.Event.Data.Unpack<T>());

    private static PlacementReport Within(ReportPlacementRequest place, int minutes)
    {
        var report = place.Report.Clone();
        report.MinutesPerWeek = minutes;
        return report;
    }

    /// <summary>The small country, with a number that Utrecht does not reach by these tests.</summary>
    public sealed class Country : MunicipalityPlatform
    {
        protected override async Task PopulateAsync()
        {
            await base.PopulateAsync();
            var higher = Regulation(2018);
            higher.RequestId = NewId();
            (higher.Numbers[0].Number, higher.Numbers[1].Number, higher.EffectiveFrom, higher.PublishedOn) = (50, 51, On(1, 2), On(12, 20, 2017));
            await Quotas.ImportQuotaRegulationAsync(higher);
        }
    }
}
