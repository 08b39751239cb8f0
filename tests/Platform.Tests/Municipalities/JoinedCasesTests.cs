using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.SwCompanies;
using BeschutWerk.UwvAdvice;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Two cases are joined: who follows the municipality knows them as one, by either id.</summary>
public sealed class JoinedCasesTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task After_a_join_the_company_may_report_on_an_offer_of_the_case_that_stays()
    {
        var goes = await platform.DeterminedAsync();
        var stays = await JoinedToNewAsync(goes);
        var offerId = (await platform.Cases().OfferPlaceAsync(Offer(stays))).OfferId;
        await platform.Cases().RespondToOfferAsync(Respond(stays, offerId));
        await platform.AsCompany.ReportPlacementAsync(Place(stays, offerId));
        await platform.BecomesAsync(stays, CaseState.Placed);
    }

    [Fact]
    public async Task After_a_join_the_company_may_report_on_an_offer_of_the_case_that_went()
    {
        var (goes, offerId) = await AcceptedAsync();
        var stays = await JoinedToNewAsync(goes);
        // As GetCase shows it.
        var found = await platform.CaseAsync(goes);
        Assert.Equal(stays, found.CaseId);
        await platform.AsCompany.ReportPlacementAsync(Place(found.CaseId, found.Offer.OfferId));
        Assert.Equal(offerId, found.Offer.OfferId);
        await platform.BecomesAsync(stays, CaseState.Placed);
    }

    [Fact]
    public async Task A_company_that_still_has_the_old_id_may_report_and_repeat_its_report()
    {
        var (goes, offerId) = await AcceptedAsync();
        var report = Place(goes, offerId, Amsterdam, 1200);
        var before = (await platform.AsCompany.ReportPlacementAsync(report)).PlacementId;
        await platform.BecomesAsync(goes, CaseState.Placed);
        var stays = await JoinedToNewAsync(goes);
        await CaughtUpAsync();

        await platform.AsCompany.ReportPlacementAsync(Place(goes, offerId, Amsterdam, 600));
        // The same report again, with the id that its company knew and with the one that stays.
        Assert.Equal(before, (await platform.AsCompany.ReportPlacementAsync(report)).PlacementId);
        report.Report.CaseId = stays;
        Assert.Equal(before, (await platform.AsCompany.ReportPlacementAsync(report)).PlacementId);
        await MunicipalityPlatform.Eventually(async () => (await platform.TimelineAsync(stays)).Count(name => name == "placements-reported") == 2, "both are of the case");
        Assert.Equal(stays, (await PlacementAsync(before)).Report.CaseId);
    }

    [Fact]
    public async Task Hours_of_both_cases_count_together()
    {
        var (goes, offerId) = await AcceptedAsync();
        await platform.AsCompany.ReportPlacementAsync(Place(goes, offerId, Amsterdam, 1500));
        await platform.BecomesAsync(goes, CaseState.Placed);
        var stays = await JoinedToNewAsync(goes);
        await CaughtUpAsync();

        foreach (var id in new[] { goes, stays })
        {
            Assert.Equal(ErrorReason.HoursExceedForty, (await RefusedAsync(platform.AsCompany.ReportPlacementAsync(Place(id, offerId, Amsterdam, 960)))).Reason);
        }

        await platform.AsCompany.ReportPlacementAsync(Place(stays, offerId, Amsterdam, 900));
    }

    [Fact]
    public async Task A_case_that_was_joined_twice_is_known_by_each_of_its_ids()
    {
        var (first, offerId) = await AcceptedAsync();
        var second = await JoinedToNewAsync(first);
        var third = await JoinedToNewAsync(second);
        await CaughtUpAsync();
        foreach (var id in new[] { first, second, third })
        {
            var placementId = (await platform.AsCompany.ReportPlacementAsync(Place(id, offerId, Amsterdam, 600))).PlacementId;
            Assert.Equal(third, (await PlacementAsync(placementId)).Report.CaseId);
        }

        await platform.BecomesAsync(third, CaseState.Placed);
    }

    [Fact]
    public async Task A_dropout_of_a_joined_case_ends_the_request_that_was_asked_under_the_other_id()
    {
        var person = NewPerson();
        var goes = await platform.OpenedAsync(person: person);
        var asked = (await platform.Cases().RequestAdviceAsync(Ask(goes))).AdviceRequestId;
        var stays = await platform.OpenedAsync();
        await platform.Cases().CorrectPersonAsync(Correct(stays, person, goes));
        Assert.Equal(CaseState.Requested, (await platform.CaseAsync(stays)).State);
        await platform.Cases().RecordDropoutAsync(new RecordDropoutRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = stays, Reason = DropoutReason.Illness, DroppedOutOn = On(3, 2),
        });
        await MunicipalityPlatform.Eventually(async () =>
            (await platform.AsUwv.GetAdviceRequestAsync(new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = asked })).AdviceRequest.State == AdviceState.Withdrawn,
            "UWV ends it");
    }

    [Fact]
    public async Task A_request_that_was_asked_before_its_case_was_joined_is_answered_as_before()
    {
        var person = NewPerson();
        var goes = await platform.OpenedAsync(person: person);
        var ask = Ask(goes);
        var asked = await platform.Cases().RequestAdviceAsync(ask);
        var stays = await platform.OpenedAsync();
        var join = Correct(stays, person, goes);
        var joined = await platform.Cases().CorrectPersonAsync(join);
        Assert.Equal(joined, await platform.Cases().CorrectPersonAsync(join));
        Assert.Equal(asked, await platform.Cases().RequestAdviceAsync(ask));
        await CaseRows.OfAsync(platform, stays);
    }

    [Fact]
    public async Task Two_cases_are_joined_crosswise_at_once()
    {
        for (var i = 0; i < 4; i++)
        {
            var (a, b) = (NewPerson(), NewPerson());
            var (one, other) = (await platform.OpenedAsync(person: a), await platform.OpenedAsync(person: b));
            await platform.Cases().RequestAdviceAsync(Ask(one));
            var first = TryAsync(() => platform.Cases().CorrectPersonAsync(Correct(one, b, other)).ResponseAsync);
            var second = TryAsync(() => platform.Cases().CorrectPersonAsync(Correct(other, a, one)).ResponseAsync);
            var found = await Task.WhenAll(first, second);
            Assert.Single(found, one => one is null);
            Assert.Single(found, one => one?.StatusCode is Grpc.Core.StatusCode.InvalidArgument or Grpc.Core.StatusCode.FailedPrecondition);
            Assert.Equal((await platform.CaseAsync(one)).CaseId, (await platform.CaseAsync(other)).CaseId);
            await CaseRows.OfAsync(platform, one);
        }
    }

    [Fact]
    public async Task Reading_the_events_once_more_finds_the_joins_of_before_and_changes_nothing_else()
    {
        var (goes, offerId) = await AcceptedAsync();
        var placed = (await platform.AsCompany.ReportPlacementAsync(Place(goes, offerId, Amsterdam, 1200))).PlacementId;
        await platform.BecomesAsync(goes, CaseState.Placed);
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placed, LastDay = On(4, 30), Reason = EndReason.NotRenewed,
        });
        await platform.BecomesAsync(goes, CaseState.DeterminedPositive);
        await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest { Municipality = Amsterdam, RequestId = NewId(), PlacementId = placed, NeverEnded = true });
        await platform.BecomesAsync(goes, CaseState.Placed);
        var (other, withdrawn) = await platform.OfferedAsync();
        await platform.Cases().WithdrawOfferAsync(new WithdrawOfferRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = other, OfferId = withdrawn, WithdrawnOn = On(3, 1), Reason = "Plek was al bezet.",
        });
        var stays = await JoinedToNewAsync(goes);
        await CaughtUpAsync();
        var before = Rows();

        // As a version left them that did not know joins.
        foreach (var table in new[] { "cases", "determinations", "offers", "placements" }) await AtCompaniesAsync($"UPDATE {table} SET case_id = {Blob(goes)} WHERE case_id = {Blob(stays)}");
        await AtUwvAsync($"UPDATE dossiers SET case_id = {Blob(goes)} WHERE case_id = {Blob(stays)}");
        foreach (var sql in new[] { "DELETE FROM case_aliases", "UPDATE sources SET applied = 0 WHERE service = 'municipalities'" })
        {
            await AtCompaniesAsync(sql);
            await AtUwvAsync(sql);
        }

        Assert.NotEqual(before, Rows());
        await platform.RestartAsync();
        await CaughtUpAsync();

        Assert.Equal(before, Rows());
    }

    private ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore> Companies => platform.App.Services.GetRequiredService<ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore>>();

    private ServiceRuntime<UwvStore, UwvPlatformStore> UwvStores => platform.App.Services.GetRequiredService<ServiceRuntime<UwvStore, UwvPlatformStore>>();

    private static string Blob(string id) => $"x'{id.Replace("-", "", StringComparison.Ordinal)}'";

    private Task AtCompaniesAsync(string sql) => Companies.TenantStores.Get(TenantId.Parse(Amsterdam)).WriteAsync(
        WriteInfo.Capture(Caller.OfService("swcompanies")), session => session.Command(sql).ExecuteNonQuery());

    private Task AtUwvAsync(string sql) => UwvStores.TenantStores.Get(TenantId.Parse(Amsterdam)).WriteAsync(
        WriteInfo.Capture(Caller.OfService("uwv")), session => session.Command(sql).ExecuteNonQuery());

    /// <summary>What both know of cases, one line a row.</summary>
    private List<string> Rows()
    {
        string[] atCompanies =
        [
            "SELECT hex(case_id), determination, determined_on FROM cases", "SELECT hex(case_id), determination, determined_on, recorded_at FROM determinations",
            "SELECT hex(offer_id), hex(case_id), accepted, answered_on, freed_from, withdrawn FROM offers",
            "SELECT hex(placement_id), hex(case_id), last_day, version FROM placements", "SELECT hex(alias_id), hex(case_id) FROM case_aliases",
        ];
        string[] atUwv = ["SELECT hex(advice_request_id), hex(case_id), state, version FROM dossiers", "SELECT hex(alias_id), hex(case_id) FROM case_aliases"];
        var amsterdam = TenantId.Parse(Amsterdam);
        return
        [
            .. Companies.TenantStores.Get(amsterdam).Read(Caller.OfService("swcompanies"), session => atCompanies.SelectMany(sql => Lines(session.Command(sql))).ToList()),
            .. UwvStores.TenantStores.Get(amsterdam).Read(Caller.OfService("uwv"), session => atUwv.SelectMany(sql => Lines(session.Command(sql))).ToList()),
        ];
    }

    private static List<string> Lines(Microsoft.Data.Sqlite.SqliteCommand command)
    {
        var lines = new List<string>();
        using var row = command.ExecuteReader();
        while (row.Read()) lines.Add(string.Join(' ', Enumerable.Range(0, row.FieldCount).Select(row.GetValue)));
        return lines;
    }

    private async Task<(string CaseId, string OfferId)> AcceptedAsync()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        return (caseId, offerId);
    }

    /// <summary>A new case turns out to be of the same person; its id stays.</summary>
    private async Task<string> JoinedToNewAsync(string goes)
    {
        var person = (await platform.CaseAsync(goes)).Person;
        var stays = await platform.OpenedAsync();
        Assert.Equal(goes, (await platform.Cases().CorrectPersonAsync(Correct(stays, person, goes))).JoinedCaseId);
        return stays;
    }

    private async Task<Contracts.SwCompanies.Placement> PlacementAsync(string placementId) =>
        (await platform.AsCompany.GetPlacementAsync(new GetPlacementRequest { Municipality = Amsterdam, PlacementId = placementId })).Placement;

    private static async Task<Grpc.Core.RpcException?> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (Grpc.Core.RpcException error)
        {
            return error;
        }
    }

    private Task CaughtUpAsync() => platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);

    private static CorrectPersonRequest Correct(string caseId, Person person, string join) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = person, Reason = "Verkeerd overgenomen.", CorrectedOn = On(3, 1),
        JoinCaseId = join,
    };
}
