using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities;
using BeschutWerk.Municipalities.Cases;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>The store of one municipality is damaged: what UWV must be told of another does not wait for it.</summary>
public sealed class TellingUwvTests : IAsyncLifetime
{
    private readonly TurnOfDayTests.JumpingPlatform _platform = new();

    public ValueTask InitializeAsync() => _platform.InitializeAsync();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UWV_is_told_at_once_although_another_store_is_ill(bool ill)
    {
        var (wrong, right) = (NewPerson(), NewPerson());
        var caseId = await _platform.OpenedAsync(person: wrong);
        var asked = (await _platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
        await _platform.OpenedAsync(Utrecht);
        if (ill)
        {
            var runtime = Runtime;
            Assert.True(SpinWait.SpinUntil(runtime.TenantStores.Get(TenantId.Parse(Utrecht)).TryClose, TimeSpan.FromSeconds(10)));
            await File.WriteAllTextAsync(
                Path.Combine(_platform.Options.DataFolder, "municipalities", Utrecht + ".db"), "this is no database", TestContext.Current.CancellationToken);
        }

        await _platform.RestartAfterAsync(TimeSpan.Zero);
        // It is ill for some minutes.
        for (var i = 0; i < 8; i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            _platform.Jump(TimeSpan.FromMinutes(5));
        }

        await _platform.Cases().CorrectPersonAsync(new Contracts.Municipalities.CorrectPersonRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = right, Reason = "Verkeerd overgenomen.", CorrectedOn = On(3, 1),
        });
        // As if the call had died between its write and UWV: it is due, and UWV knows the person of before.
        await new AdviceService.AdviceServiceClient(_platform.Service()).CorrectPersonAsync(new Contracts.Uwv.CorrectPersonRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), AdviceRequestIds = { asked }, Person = wrong, CorrectedOn = On(3, 1),
        });
        var telling = _platform.App.Services.GetRequiredService<TellingUwv>();
        await Runtime.TenantStores.Get(TenantId.Parse(Amsterdam)).WriteAsync(WriteInfo.Capture(Caller.OfService("municipalities")), session =>
        {
            telling.IsDue(Guid.Parse(caseId), 1, session);
            return true;
        });

        await MunicipalityPlatform.Eventually(async () => (await PersonAsync(asked)).Equals(right), "UWV is told");
    }

    private ServiceRuntime<MunicipalityStore, MunicipalitiesStore> Runtime =>
        _platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>();

    private async Task<Person> PersonAsync(string id) =>
        (await _platform.AsUwv.GetAdviceRequestAsync(new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = id })).AdviceRequest.Person;
}
