using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Host;
using BeschutWerk.Insight;
using BeschutWerk.Municipalities;
using BeschutWerk.Municipalities.Reference;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>A regulation of 2019, published before the reorganisation of 1 January 2019, in the country as it really was.</summary>
public sealed class SuccessionTests
{
    private const string HetHogeland = "GM1966", Westerkwartier = "GM1969", Tilburg = "GM0855";

    private static readonly Dictionary<string, int> Numbers = new()
    {
        [Groningen] = 80, ["GM0009"] = 2, ["GM0017"] = 3, // with Ten Boer and Haren
        ["GM0005"] = 1, ["GM1651"] = 4, ["GM1663"] = 2, ["GM0053"] = 4, // Bedum, Eemsmond, De Marne; Winsum was split
        ["GM0788"] = 10, [Tilburg] = 200, // Haaren was split in 2021
    };

    private static readonly SplitShare[] Shares =
    [
        Share("GM0053", HetHogeland, 3), Share("GM0053", Westerkwartier, 1),
        Share("GM0788", "GM0757", 2), Share("GM0788", "GM0824", 4), Share("GM0788", Tilburg, 1), Share("GM0788", "GM0865", 3),
    ];

    [Fact]
    public async Task Every_place_of_the_total_is_accounted_for_and_none_vanishes_with_its_municipality()
    {
        await using var platform = await StartedAsync(Groningen, HetHogeland, Tilburg);
        var request = Of2019(platform, Shares);
        var answer = await platform.Quotas.ImportQuotaRegulationAsync(request);

        Assert.Equal(85, (await platform.LedgerAsync(Groningen, On(1, 1, 2019))).MinisterialNumber);
        Assert.Equal(10, (await platform.LedgerAsync(HetHogeland, On(1, 1, 2019))).MinisterialNumber);
        Assert.Equal(201, (await platform.LedgerAsync(Tilburg, On(1, 1, 2019))).MinisterialNumber);

        Assert.Equal((3, 296, request.StatedTotal - 296), (answer.Applied, answer.PlacesGiven, answer.PlacesNotRegistered));
        Assert.Equal(request.StatedTotal, answer.Counted.Sum(part => part.Number));
        Assert.Equal(request.Numbers.Select(row => row.Municipality).Order(), answer.Counted.Select(part => part.Municipality).Distinct());
        Assert.Equal(
            ["GM0757 2 False", "GM0824 4 False", "GM0855 1 True", "GM0865 3 False"],
            answer.Counted.Where(part => part.Municipality == "GM0788")
                .Select(part => $"{part.CountsFor} {part.Number} {part.Registered}"));
        var tenBoer = new CountedNumber { Municipality = "GM0009", CountsFor = Groningen, Number = 2, Registered = true };
        Assert.Contains(tenBoer, answer.Counted);
        Assert.Equal(answer, await platform.Quotas.ImportQuotaRegulationAsync(request));

        // As published; and who registers later has the share that counted for nobody registered until then.
        var listed = await platform.Quotas.ListQuotasAsync(new ListQuotasRequest { Year = 2019, PageSize = 500 });
        Assert.Equal(request.Numbers.OrderBy(row => row.Municipality, StringComparer.Ordinal), listed.Numbers);
        await RegisterAsync(platform, Westerkwartier);
        // With Grootegast, Leek, Marum and Zuidhorn.
        Assert.Equal(1 + 4, (await platform.LedgerAsync(Westerkwartier, On(1, 1, 2019))).MinisterialNumber);
    }

    [Fact]
    public async Task Who_imports_says_how_the_number_of_a_split_municipality_is_divided()
    {
        await using var platform = await StartedAsync(Groningen);
        var refused = await RefusedAsync(platform.Quotas.ImportQuotaRegulationAsync(Of2019(platform)));
        Assert.Equal((ErrorReason.QuotaSplitUndivided, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
        Assert.Equal(["split_shares", "split_shares"], refused.Fields);

        var wrong = Of2019(platform, Shares);
        (wrong.SplitShares[0].Number, wrong.SplitShares[2].Successor) = (2, Groningen);
        refused = await RefusedAsync(platform.Quotas.ImportQuotaRegulationAsync(wrong));
        Assert.Equal(["split_shares[2].successor", "split_shares", "split_shares"], refused.Fields);
        Assert.Contains("The shares of GM0053 add up to 3, its row says 4.", refused.Descriptions);
        Assert.Contains("GM0788 was also divided over GM0757.", refused.Descriptions);
        Assert.Empty((await platform.Quotas.ListQuotasAsync(new ListQuotasRequest { Year = 2019 })).Numbers);
    }

    [Fact]
    public async Task A_publication_that_is_imported_again_divides_a_split_row_otherwise()
    {
        await using var platform = await StartedAsync(HetHogeland, Westerkwartier);
        await platform.Quotas.ImportQuotaRegulationAsync(Of2019(platform, Shares));
        SplitShare[] otherwise = [Share("GM0053", HetHogeland, 1), Share("GM0053", Westerkwartier, 3), .. Shares[2..]];
        await platform.Quotas.ImportQuotaRegulationAsync(Of2019(platform, otherwise));
        Assert.Equal(8, (await platform.LedgerAsync(HetHogeland, On(6, 1, 2019))).MinisterialNumber);
        Assert.Equal(3 + 4, (await platform.LedgerAsync(Westerkwartier, On(6, 1, 2019))).MinisterialNumber);
    }

    [Fact]
    public async Task A_split_that_came_after_the_import_is_told_to_the_operator_until_its_shares_are_given()
    {
        await using var platform = await StartedAsync(HetHogeland);
        await platform.Quotas.ImportQuotaRegulationAsync(Of2019(platform, Shares));
        // As if the split had still been to come when it was imported.
        await ExecuteAsync(Municipalities(platform).PlatformStore, "DELETE FROM regulation_shares WHERE code = 'GM0053'");
        await RegisterAsync(platform, Westerkwartier);
        await RegisterAsync(platform, Tilburg);
        Assert.Equal(7, (await platform.LedgerAsync(HetHogeland, On(6, 1, 2019))).MinisterialNumber);
        Assert.Equal(4, (await platform.LedgerAsync(Westerkwartier, On(6, 1, 2019))).MinisterialNumber);
        var said = Assert.Single(platform.Logged, line => line.Contains("split_shares", StringComparison.Ordinal));
        Assert.Contains("GM0053 was split", said, StringComparison.Ordinal);

        await platform.Quotas.ImportQuotaRegulationAsync(Of2019(platform, Shares));
        Assert.Equal(10, (await platform.LedgerAsync(HetHogeland, On(6, 1, 2019))).MinisterialNumber);
        Assert.Equal(5, (await platform.LedgerAsync(Westerkwartier, On(6, 1, 2019))).MinisterialNumber);
        await platform.RestartAsync();
        await RegisterAsync(platform, Groningen);
        Assert.Single(platform.Logged, line => line.Contains("split_shares", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_number_that_counts_for_who_registers_later_no_longer_counts_for_its_successor()
    {
        await using var platform = await StartedAsync(HetHogeland);
        var of2018 = Of2019(platform, Shares);
        (of2018.Year, of2018.PublishedOn, of2018.EffectiveFrom) = (2018, On(11, 30), On(1, 1, 2018));
        await platform.Quotas.ImportQuotaRegulationAsync(of2018);
        Assert.Equal(10, (await platform.LedgerAsync(HetHogeland, On(6, 1))).MinisterialNumber);

        foreach (var code in new[] { "GM0005", "GM1651", "GM1663", "GM0053" }) await RegisterAsync(platform, code, On(6, 15));
        var again = await platform.Quotas.ImportQuotaRegulationAsync(of2018);
        Assert.Equal(0, (await platform.LedgerAsync(HetHogeland, On(6, 1))).MinisterialNumber);
        Assert.Equal(4, (await platform.LedgerAsync("GM0053", On(6, 1))).MinisterialNumber);
        Assert.Equal(11, again.PlacesGiven);
    }

    [Fact]
    public async Task What_was_told_before_events_said_the_day_of_publication_is_understood_and_told_again()
    {
        await using var platform = await StartedAsync(Groningen);
        await platform.Quotas.ImportQuotaRegulationAsync(Of2019(platform, Shares));
        await NationBecomesAsync(platform, "85");

        // As an older program left it, with the number that it had then.
        var insight = platform.App.Services.GetRequiredService<ServiceRuntime<NoTenantStore, InsightStore>>();
        await ExecuteAsync(insight.PlatformStore, """
            UPDATE quota_numbers SET number = 80, published_on = NULL, regulation_id = zeroblob(16), recorded_at = recorded_at - 1
            """);
        await NationBecomesAsync(platform, "80");
        var known = await InstantAsync();
        await ExecuteAsync(Municipalities(platform).PlatformStore, "UPDATE applied_numbers SET publication_told = 0");
        await platform.RestartAsync();

        await NationBecomesAsync(platform, "85");
        Assert.Equal("80", await NationAsync(platform, known));
        var events = await new EventService.EventServiceClient(platform.Municipality(Groningen))
            .ReadEventsAsync(new ReadEventsRequest { Municipality = Groningen });
        var told = events.Events.Where(found => found.Data.Is(QuotaPublished.Descriptor))
            .Select(found => found.Data.Unpack<QuotaPublished>()).ToList();
        Assert.Equal(2, told.Count);
        Assert.All(told, found => Assert.Equal((85, On(11, 30, 2018)), (found.Number, found.PublishedOn)));
        await platform.RestartAsync();
        Assert.Equal(85, (await platform.LedgerAsync(Groningen, On(1, 1, 2019))).MinisterialNumber);
    }

    private static SplitShare Share(string code, string successor, int number) =>
        new() { Municipality = code, Successor = successor, Number = number };

    private static ImportQuotaRegulationRequest Of2019(MunicipalityPlatform platform, params SplitShare[] shares)
    {
        var published = new DateOnly(2018, 11, 30);
        var rows = platform.App.Services.GetRequiredService<Division>().On(published)
            .Select(code => Row(code, Numbers.GetValueOrDefault(code, 1))).ToList();
        return new ImportQuotaRegulationRequest
        {
            RequestId = NewId(), Year = 2019, Source = "Stcrt. 2018",
            CountingUnit = CountingUnit.Places31Hours, StatedTotal = rows.Sum(row => row.Number),
            PublishedOn = On(11, 30, 2018), EffectiveFrom = On(1, 1, 2019),
            Numbers = { rows }, SplitShares = { shares.Select(share => share.Clone()) },
        };
    }

    private static Task RegisterAsync(MunicipalityPlatform platform, string code, Google.Type.Date? on = null)
    {
        var request = Register(code);
        request.RegisteredOn = on ?? On(6, 15, 2021);
        return platform.Tenants.RegisterTenantAsync(request).ResponseAsync;
    }

    private static async Task<string> NationAsync(MunicipalityPlatform platform, DateTimeOffset? known = null)
    {
        var request = new GetFigureRequest { FigureId = "quota_number", Peildatum = On(6, 1, 2019) };
        if (known is { } instant) request.KnownAt = Timestamp.FromDateTimeOffset(instant);
        var figure = await new FigureService.FigureServiceClient(platform.Ministry()).GetFigureAsync(request);
        return figure.Value?.Decimal.TrimEnd('0').TrimEnd('.') ?? "";
    }

    private static Task NationBecomesAsync(MunicipalityPlatform platform, string number) =>
        Fixtures.PlatformFixture.Eventually(async () => await NationAsync(platform) == number, $"the nation's number is {number}");

    private static ServiceRuntime<MunicipalityStore, MunicipalitiesStore> Municipalities(MunicipalityPlatform platform) =>
        platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>();

    private static Task ExecuteAsync<TStore>(StoreHandle<TStore> store, string sql) where TStore : StoreContext =>
        store.WriteAsync(WriteInfo.Capture(Caller.OfService("test")), session => session.Command(sql).ExecuteNonQuery());

    private static async Task<Country> StartedAsync(params string[] codes)
    {
        var country = new Country(codes);
        await ((IAsyncLifetime)country).InitializeAsync();
        return country;
    }

    private sealed class Country(string[] codes) : MunicipalityPlatform
    {
        protected override PlatformOptions Configure(PlatformOptions options) => options;

        protected override async Task PopulateAsync()
        {
            foreach (var code in codes) await RegisterAsync(this, code);
        }
    }
}
