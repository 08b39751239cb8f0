using System.Diagnostics.Metrics;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities;
using BeschutWerk.Platform.Tests.Municipalities;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>The file of one municipality is damaged: every round over all stores serves the others, and says who is behind.</summary>
public sealed class IllStoreTests(IllStoreTests.Country platform) : IClassFixture<IllStoreTests.Country>
{
    private OperationsService.OperationsServiceClient Operations => new(platform.Operator());

    private ServiceRuntime<MunicipalityStore, MunicipalitiesStore> Runtime => platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>();

    [Fact]
    public async Task A_regulation_reaches_all_others_and_the_ill_one_as_soon_as_it_is_restored()
    {
        var backup = await BackUpAsync(Utrecht);
        Damage(Utrecht);
        var answer = await platform.Quotas.ImportQuotaRegulationAsync(Later(2019));
        Assert.Equal([Utrecht], answer.Behind);
        Assert.Equal(100, (await platform.LedgerAsync(Amsterdam, On(1, 1, 2019))).MinisterialNumber);
        Assert.Equal(70, (await platform.LedgerAsync(Groningen, On(1, 1, 2019))).MinisterialNumber);
        // The next one too, although the ill one is still behind.
        Assert.Equal([Utrecht], (await platform.Quotas.ImportQuotaRegulationAsync(Later(2020))).Behind);
        Assert.Equal(70, (await platform.LedgerAsync(Groningen, On(1, 1, 2020))).MinisterialNumber);

        // Others come in.
        await platform.Tenants.RegisterTenantAsync(Register("GM0518"));
        Assert.Equal(10, (await platform.LedgerAsync("GM0518", On(1, 1, 2020))).MinisterialNumber);

        await RestoreAsync(backup);
        var again = await platform.Quotas.ImportQuotaRegulationAsync(Later(2021));
        Assert.Empty(again.Behind);
        foreach (var year in new[] { 2019, 2020, 2021 }) Assert.Equal(1, (await platform.LedgerAsync(Utrecht, On(1, 1, year))).MinisterialNumber);
    }

    [Fact]
    public async Task The_status_the_gauges_the_flow_and_the_housekeeping_go_on_and_name_it()
    {
        var caseId = await platform.OpenedAsync(Amsterdam);
        await platform.OpenedAsync(Terschelling);
        var backup = await BackUpAsync(Terschelling);
        Damage(Terschelling);
        await RefusedAsync(platform.Cases(Terschelling).ListCasesAsync(new ListCasesRequest { Municipality = Terschelling }));
        var status = await Operations.GetStatusAsync(new GetStatusRequest());
        Assert.Equal("municipalities/" + Terschelling, Assert.Single(status.Quarantined).Store);
        Assert.True(status.Raised.Sum(count => count.Events) > 0);
        Assert.Equal(status.Quarantined.Count, Gauge("beschutwerk.store.quarantined"));
        var flow = await Operations.GetFlowAsync(new GetFlowRequest { Ids = { caseId } });
        Assert.NotEmpty(flow.Events);
        Assert.Equal(["municipalities/" + Terschelling], flow.Unreachable);
        await Runtime.TidyUpAsync();
        await RestoreAsync(backup);
        Assert.Empty((await Operations.GetStatusAsync(new GetStatusRequest())).Quarantined);
    }

    [Fact]
    public async Task A_description_of_a_backup_that_cannot_be_read_hides_no_other_backup()
    {
        var backup = await BackUpAsync(Westerwolde);
        var folder = Path.GetDirectoryName(Directory.EnumerateFiles(platform.Options.DataFolder, backup.BackupId + ".json", SearchOption.AllDirectories).Single())!;
        await File.WriteAllTextAsync(Path.Combine(folder, "20990101t000000000z-broken.json"), "{", TestContext.Current.CancellationToken);
        // Of a later program, which says more of a backup.
        var path = Path.Combine(folder, backup.BackupId + ".json");
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path, text.Insert(text.LastIndexOf('}'), ", \"saidLater\": true "), TestContext.Current.CancellationToken);

        var list = await Operations.ListBackupsAsync(new ListBackupsRequest { Municipality = Westerwolde });
        Assert.Equal([backup], list.Backups);
        Assert.Equal(["20990101t000000000z-broken.json"], list.Unreadable);
        await RestoreAsync(backup);
    }

    private async Task<Backup> BackUpAsync(string code) =>
        (await Operations.BackupStoreAsync(new BackupStoreRequest { RequestId = NewId(), Municipality = code })).Backup;

    private async Task RestoreAsync(Backup backup) => await Operations.RestoreStoreAsync(
        new RestoreStoreRequest { RequestId = NewId(), Municipality = backup.Municipality, BackupId = backup.BackupId, Reason = "Bestand beschadigd." });

    private static ImportQuotaRegulationRequest Later(int year)
    {
        var later = Regulation(year);
        foreach (var dissolved in later.Numbers.Where(row => row.Municipality is "GM0007" or "GM0048").ToList()) later.Numbers.Remove(dissolved);
        later.Numbers.Add(Row(Westerwolde, 7));
        return later;
    }

    private static long Gauge(string name)
    {
        var sum = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Meter.Name == Instruments.Name && (instrument.Name == name || instrument.IsObservable)) all.EnableMeasurementEvents(instrument, instrument.Name);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.Name == name) Interlocked.Add(ref sum, value);
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return sum;
    }

    private void Damage(string code)
    {
        var store = Runtime.TenantStores.Get(TenantId.Parse(code));
        Assert.True(SpinWait.SpinUntil(store.TryClose, TimeSpan.FromSeconds(10)));
        File.WriteAllText(Path.Combine(platform.Options.DataFolder, "municipalities", code + ".db"), "this is no database");
    }

    /// <summary>A country of its own: its stores are damaged.</summary>
    public sealed class Country : MunicipalityPlatform;
}
