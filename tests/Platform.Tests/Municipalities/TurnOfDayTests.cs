using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Host;
using BeschutWerk.Platform.Tests.Webhooks;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Fixed work that nobody ends ends on its last day: what that means is visible the day after, and told once.</summary>
public sealed class TurnOfDayTests : IAsyncLifetime
{
    // One for each test: tokens that services hold end when the clock is put forward.
    private readonly JumpingPlatform _platform = new();

    public ValueTask InitializeAsync() => _platform.InitializeAsync();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task At_the_turn_of_the_day_the_place_is_free_and_a_duty_is_told_once()
    {
        var caseId = await _platform.WorkingUntilAsync(_platform.Today.AddDays(1));
        Assert.Equal((CaseState.Placed, false), await _platform.StandsAsync(caseId));
        Assert.Equal(1, (await _platform.LedgerAsync(_platform.Today)).PersonsAtWork);

        _platform.Jump(TimeSpan.FromDays(2));
        // Nobody reads a case or the ledger: the feed tells it by itself.
        await MunicipalityPlatform.Eventually(async () => (await _platform.FeedAsync(caseId)) is [.., "place-freed", "duty-to-offer-arose"], "the feed tells it");
        Assert.Equal((CaseState.DeterminedPositive, true), await _platform.StandsAsync(caseId));
        var ledger = await _platform.LedgerAsync(_platform.Today);
        Assert.Equal((0, 1, DutyStatus.DutyOpen), (ledger.PersonsAtWork, ledger.Waiting, ledger.Status));
        Assert.Equal(1, (await _platform.LedgerAsync(_platform.Today.AddDays(-1))).PersonsAtWork);

        _platform.Jump(TimeSpan.FromDays(1));
        await _platform.StandsAsync(caseId);
        Assert.Single(await _platform.FeedAsync(caseId), name => name == "place-freed");
    }

    [Fact]
    public async Task After_a_stop_over_that_midnight_it_is_found()
    {
        var caseId = await _platform.WorkingUntilAsync(_platform.Today);
        await _platform.RestartAfterAsync(TimeSpan.FromDays(1));
        await MunicipalityPlatform.Eventually(async () => (await _platform.FeedAsync(caseId)) is [.., "place-freed", "duty-to-offer-arose"], "the feed tells it");
        Assert.Contains(await _platform.ListAsync(CaseState.DeterminedPositive), found => found.CaseId == caseId);
    }

    [Fact]
    public async Task Who_reads_first_sees_the_day_that_it_is()
    {
        // Told when its last day has long passed: nothing waits for midnight.
        var caseId = await _platform.WorkingUntilAsync(_platform.Today.AddDays(-5));
        await MunicipalityPlatform.Eventually(async () => (await _platform.FeedAsync(caseId)).Contains("placements-reported"), "the start is heard");
        Assert.Contains(await _platform.ListAsync(CaseState.DeterminedPositive), found => found.CaseId == caseId);
        Assert.DoesNotContain(await _platform.ListAsync(CaseState.Placed), found => found.CaseId == caseId);
        Assert.Equal(1, (await _platform.LedgerAsync(_platform.Today)).Waiting);
    }

    [Fact]
    public async Task A_next_place_is_offered_before_the_work_of_now_ends_and_no_duty_arises()
    {
        var until = _platform.Today.AddDays(1);
        var caseId = await _platform.WorkingUntilAsync(until);
        await _platform.StandsAsync(caseId);
        var early = _platform.NextOffer(caseId, until);
        Assert.Equal(ErrorReason.OfferStands, (await RefusedAsync(_platform.Cases().OfferPlaceAsync(early))).Reason);
        var offered = await _platform.Cases().OfferPlaceAsync(_platform.NextOffer(caseId, until.AddDays(1)));
        Assert.Equal(CaseState.Placed, offered.State);
        await _platform.Cases().RespondToOfferAsync(new RespondToOfferRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, OfferId = offered.OfferId, Accepted = true, AnsweredOn = _platform.Today.ToDate(),
        });
        Assert.Equal((1, 0), await _platform.HoldsAsync());

        _platform.Jump(TimeSpan.FromDays(2));
        await MunicipalityPlatform.Eventually(async () => (await _platform.FeedAsync(caseId)) is [.., "place-freed"], "the first place is free");
        Assert.Equal((CaseState.OfferAccepted, false), await _platform.StandsAsync(caseId));
        Assert.Equal((0, 1), await _platform.HoldsAsync());
        // The one of the determination.
        Assert.Single(await _platform.FeedAsync(caseId), name => name == "duty-to-offer-arose");
    }

    [Fact]
    public async Task A_case_that_cannot_be_computed_stands_still_and_keeps_no_other_from_its_turn()
    {
        var (last, ill, well) = (_platform.Today.AddDays(1), new List<string>(), new List<string>());
        for (var i = 0; i < 2; i++)
        {
            ill.Add(await _platform.WorkingUntilAsync(last));
            well.Add(await _platform.WorkingUntilAsync(last));
        }

        foreach (var caseId in ill.Concat(well)) Assert.Equal((CaseState.Placed, false), await _platform.StandsAsync(caseId));
        foreach (var caseId in ill) await _platform.BreakAsync(caseId);

        _platform.Jump(TimeSpan.FromDays(2));
        foreach (var caseId in well)
        {
            await MunicipalityPlatform.Eventually(async () => (await _platform.FeedAsync(caseId)) is [.., "place-freed", "duty-to-offer-arose"], "the feed tells it");
            Assert.Equal((CaseState.DeterminedPositive, true), await _platform.StandsAsync(caseId));
        }

        foreach (var caseId in ill)
        {
            // What is stored is answered; an act is refused, because what the case is cannot be said.
            Assert.Equal((CaseState.Placed, false), await _platform.StandsAsync(caseId));
            Assert.NotEmpty(await _platform.TimelineAsync(caseId));
            Assert.Equal(ErrorReason.Unexpected, (await RefusedAsync(_platform.Cases().OfferPlaceAsync(_platform.NextOffer(caseId, last.AddDays(9))))).Reason);
        }

        Assert.Equal(well.Order(), (await _platform.ListAsync(CaseState.DeterminedPositive)).Select(found => found.CaseId).Order());
        Assert.Equal(2, (await _platform.LedgerAsync(_platform.Today)).Waiting);
        Assert.All(ill, caseId => Assert.Single(_platform.Logged, line => line.Contains($"The case {caseId} ", StringComparison.Ordinal)));

        // Once a day.
        _platform.Jump(TimeSpan.FromDays(1));
        foreach (var caseId in ill) await _platform.StandsAsync(caseId);
        Assert.All(ill, caseId => Assert.Equal(2, _platform.Logged.Count(line => line.Contains($"The case {caseId} ", StringComparison.Ordinal))));
        Assert.DoesNotContain(_platform.Logged, line => line.Contains("Persoon", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cases_that_are_due_again_without_end_keep_no_reader_waiting()
    {
        // More than go into one write.
        var caseIds = await Task.WhenAll(Enumerable.Range(0, 101).Select(_ => _platform.OpenedAsync()));
        await _platform.KeepDueAsync();
        var reads = Enumerable.Range(0, 5).Select(_ => _platform.ListAsync(CaseState.Identified));
        foreach (var found in await Task.WhenAll(reads).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken))
        {
            Assert.Subset(found.Select(open => open.CaseId).ToHashSet(), caseIds.ToHashSet());
        }
    }

    public sealed class JumpingPlatform : MunicipalityPlatform
    {
        public JumpingClock Clock { get; } = new();

        public DateOnly Today => Clock.Today();

        /// <summary>Time passes; tokens of before are no longer valid.</summary>
        public void Jump(TimeSpan time)
        {
            Clock.Jump(time);
            ForgetCallers();
        }

        public async Task<string> WorkingUntilAsync(DateOnly lastDay)
        {
            var (caseId, offerId) = await OfferedAsync();
            await Cases().RespondToOfferAsync(Respond(caseId, offerId));
            var report = Place(caseId, offerId);
            (report.Report.ContractType, report.Report.LastDay) = (ContractType.Fixed, lastDay.ToDate());
            await AsCompany.ReportPlacementAsync(report);
            return caseId;
        }

        /// <summary>The first fact of a case can be read by nobody any more.</summary>
        public Task BreakAsync(string caseId) => CaseRows.WriteAsync(this, session =>
        {
            var fact = session.Statement("UPDATE events SET data = x'FF' WHERE position = (SELECT MIN(position) FROM case_facts WHERE case_id = ?1)");
            fact.Bind(1, Guid.Parse(caseId));
            fact.Run();
            return true;
        });

        /// <summary>Whatever brings a case to this day, it is due once more at once.</summary>
        public Task KeepDueAsync() => CaseRows.WriteAsync(this, session =>
        {
            session.Statement("""
                CREATE TRIGGER due_again AFTER UPDATE ON cases WHEN new.turns_on IS NULL
                BEGIN UPDATE cases SET turns_on = 20200101 WHERE case_id = new.case_id; END
                """).Run();
            session.Statement("UPDATE cases SET turns_on = NULL").Run();
            return true;
        });

        public OfferPlaceRequest NextOffer(string caseId, DateOnly start) => new()
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, CompanyId = MunicipalityPlatform.Company, PlannedStart = start.ToDate(), MinutesPerWeek = 1200,
            OfferedOn = Today.ToDate(),
        };

        public async Task<(CaseState State, bool DutyOpen)> StandsAsync(string caseId)
        {
            await Eventually(async () => (await FeedAsync(caseId)).Contains("placements-reported"), "the start is heard");
            var found = (await Cases().GetCaseAsync(new GetCaseRequest { Municipality = Amsterdam, CaseId = caseId })).Case;
            return (found.State, found.DutyOpen);
        }

        public async Task<(int AtWork, int Reserved)> HoldsAsync()
        {
            var ledger = await LedgerAsync(Today);
            return (ledger.PersonsAtWork, ledger.PersonsReserved);
        }

        public async Task<IEnumerable<Case>> ListAsync(CaseState state) =>
            (await Cases().ListCasesAsync(new ListCasesRequest { Municipality = Amsterdam, PageSize = 500, State = state })).Cases;

        public async Task<GetQuotaLedgerResponse> LedgerAsync(DateOnly day) =>
            await new QuotaService.QuotaServiceClient(Ministry()).GetQuotaLedgerAsync(new GetQuotaLedgerRequest { Municipality = Amsterdam, AsOf = day.ToDate() });

        /// <summary>Names of the events of a case as the municipality's feed brings them: reading it brings no case up to the day.</summary>
        public async Task<List<string>> FeedAsync(string caseId)
        {
            var events = new EventService.EventServiceClient(Municipality(Amsterdam));
            var (names, after) = (new List<string>(), "");
            while (true)
            {
                var page = await events.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = after, PageSize = 1000 });
                names.AddRange(page.Events.Where(found => found.Data.Value.ToStringUtf8().Contains(caseId, StringComparison.Ordinal)).Select(found => found.Type.Split('.')[^2]));
                if (page.EndReached) return names;
                after = page.ResumeToken;
            }
        }

        public async Task RestartAfterAsync(TimeSpan time)
        {
            await StopAsync();
            Clock.Jump(time);
            await StartAsync();
            ForgetCallers();
        }

        protected override PlatformOptions Configure(PlatformOptions options) => base.Configure(options) with { Clock = Clock };
    }
}
