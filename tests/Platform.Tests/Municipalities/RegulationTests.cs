using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Each test has a country of its own: regulations are for everybody.</summary>
public sealed class RegulationTests
{
    [Fact]
    public async Task A_wrong_regulation_is_refused_with_all_that_is_wrong_and_nothing_is_stored()
    {
        await using var platform = await StartedAsync();
        var request = Regulation();
        request.Numbers[0].Municipality = "GM9999";
        request.Numbers[1].Number = 2;
        var refused = await RefusedAsync(platform.Quotas.ImportQuotaRegulationAsync(request));
        Assert.Equal((ErrorReason.QuotaCodeUnknown, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
        Assert.Equal(["numbers[0].municipality", "numbers", "stated_total"], refused.Fields);
        Assert.Contains("GM9999", refused.Descriptions);
        Assert.Contains("GM0363", refused.Descriptions);

        request = Regulation();
        request.Numbers[0].Number = 101;
        Assert.Equal(ErrorReason.QuotaSumDiffers, (await RefusedAsync(platform.Quotas.ImportQuotaRegulationAsync(request))).Reason);
        request = Regulation();
        request.Numbers.RemoveAt(3);
        Assert.Equal(ErrorReason.QuotaDivisionIncomplete, (await RefusedAsync(platform.Quotas.ImportQuotaRegulationAsync(request))).Reason);
        request = Regulation();
        request.EffectiveFrom = On(1, 1, 2017);
        Assert.Equal(["effective_from"], (await RefusedAsync(platform.Quotas.ImportQuotaRegulationAsync(request))).Fields);
        request = Regulation();
        (request.Year, request.Numbers[2].Number) = (2016, -1);
        Assert.Equal(["year", "numbers[2].number"], (await RefusedAsync(platform.Quotas.ImportQuotaRegulationAsync(request))).Fields);

        Assert.Empty((await platform.Quotas.ListQuotasAsync(new ListQuotasRequest { Year = 2018 })).Numbers);
    }

    [Fact]
    public async Task A_number_reaches_who_is_registered_who_registers_later_and_everybody_after_a_restart()
    {
        await using var platform = await StartedAsync(Amsterdam);
        var request = Regulation();
        var imported = await platform.Quotas.ImportQuotaRegulationAsync(request);
        Assert.Equal((7, 1), (imported.Rows, imported.Applied));
        Assert.Equal(100, (await platform.LedgerAsync(Amsterdam, On(6, 15))).MinisterialNumber);
        Assert.Equal(imported, await platform.Quotas.ImportQuotaRegulationAsync(request));

        await platform.Tenants.RegisterTenantAsync(Register(Westerwolde));
        Assert.Equal(7, (await platform.LedgerAsync(Westerwolde, On(6, 15))).MinisterialNumber);

        await platform.RestartAsync();
        Assert.Equal(7, (await platform.LedgerAsync(Westerwolde, On(6, 15))).MinisterialNumber);
        await platform.Tenants.RegisterTenantAsync(Register(Utrecht));
        Assert.Equal(1, (await platform.LedgerAsync(Utrecht, On(6, 15))).MinisterialNumber);

        foreach (var code in new[] { Amsterdam, Westerwolde, Utrecht })
        {
            var events = await new EventService.EventServiceClient(platform.Municipality(code)).ReadEventsAsync(new ReadEventsRequest { Municipality = code });
            Assert.Single(events.Events, found => found.Data.Is(QuotaPublished.Descriptor));
        }
    }

    [Fact]
    public async Task A_later_publication_replaces_the_numbers_from_its_day()
    {
        await using var platform = await StartedAsync(Amsterdam);
        await platform.Quotas.ImportQuotaRegulationAsync(Regulation());
        var known = await InstantAsync();
        var correction = Regulation();
        (correction.PublishedOn, correction.EffectiveFrom, correction.StatedTotal) = (On(12, 20, 2017), On(4, 1), 208);
        correction.Numbers[0].Number = 120;
        await platform.Quotas.ImportQuotaRegulationAsync(correction);

        Assert.Equal(100, (await platform.LedgerAsync(Amsterdam, On(3, 31))).MinisterialNumber);
        Assert.Equal(120, (await platform.LedgerAsync(Amsterdam, On(4, 1))).MinisterialNumber);
        Assert.Equal(100, (await platform.LedgerAsync(Amsterdam, On(4, 1), known)).MinisterialNumber);
        Assert.Equal(208, (await platform.Quotas.ListQuotasAsync(new ListQuotasRequest { Year = 2018 })).StatedTotal);
    }

    [Fact]
    public async Task Without_a_number_the_ledger_has_none_and_offers_are_free()
    {
        await using var platform = await StartedAsync(Amsterdam);
        var before2017 = await platform.LedgerAsync(Amsterdam, On(12, 31, 2016));
        Assert.False(before2017.HasMinisterialNumber || before2017.HasEffectiveNumber || before2017.HasFilledShareBasisPoints);
        Assert.Equal((2016, CountingUnit.Unspecified, DutyStatus.NoNeed), (before2017.Year, before2017.CountingUnit, before2017.Status));
        Assert.False((await platform.Cases().OfferPlaceAsync(Offer(await platform.DeterminedAsync()))).AboveNumber);
    }

    [Fact]
    public async Task In_places_of_31_hours_two_people_of_25_hours_fit_on_the_way_to_two()
    {
        await using var platform = await StartedAsync(Amsterdam);
        var request = Regulation(unit: CountingUnit.Places31Hours);
        (request.Numbers[0].Number, request.StatedTotal) = (2, 90);
        await platform.Quotas.ImportQuotaRegulationAsync(request);

        for (var i = 0; i < 3; i++) Assert.False((await platform.Cases().OfferPlaceAsync(Offer(await platform.DeterminedAsync()))).AboveNumber);
        var fourth = await platform.DeterminedAsync();
        Assert.Equal(ErrorReason.NumberReached, (await RefusedAsync(platform.Cases().OfferPlaceAsync(Offer(fourth)))).Reason);
        var ledger = await platform.LedgerAsync(Amsterdam, On(2, 21));
        Assert.Equal((3, 4500L, 0L, 420L), (ledger.PersonsReserved, ledger.MinutesReserved, ledger.RemainingMilli, ledger.OverMilli));

        var events = await new EventService.EventServiceClient(platform.Municipality(Amsterdam)).ReadEventsAsync(
            new ReadEventsRequest { Municipality = Amsterdam, PageSize = 1000 });
        var reached = Assert.Single(events.Events, found => found.Data.Is(QuotaReached.Descriptor)).Data.Unpack<QuotaReached>();
        Assert.Equal(new QuotaReached { Year = 2018, Number = 2, ReachedOn = On(2, 20) }, reached);
    }

    [Fact]
    public async Task Numbers_are_listed_as_published_in_pages()
    {
        await using var platform = await StartedAsync();
        await platform.Quotas.ImportQuotaRegulationAsync(Regulation());
        var codes = new List<string>();
        var token = "";
        do
        {
            var page = await platform.Quotas.ListQuotasAsync(new ListQuotasRequest { Year = 2018, PageSize = 3, PageToken = token });
            Assert.Equal(188, page.StatedTotal);
            codes.AddRange(page.Numbers.Select(number => number.Municipality));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        Assert.Equal(Regulation().Numbers.Select(number => number.Municipality).Order(), codes);
    }

    private static async Task<Country> StartedAsync(params string[] codes)
    {
        var country = new Country(codes);
        await ((IAsyncLifetime)country).InitializeAsync();
        return country;
    }

    private sealed class Country(string[] codes) : MunicipalityPlatform
    {
        protected override async Task PopulateAsync()
        {
            foreach (var code in codes) await Tenants.RegisterTenantAsync(Register(code));
        }
    }
}
