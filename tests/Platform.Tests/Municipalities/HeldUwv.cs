using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.UwvAdvice;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Until it is disposed, UWV's index takes no request; its stores of municipalities go on.</summary>
internal sealed class HeldUwv : IAsyncDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _held;

    private HeldUwv(StoreHandle<UwvPlatformStore> store) =>
        _held = Task.Run(() => store.WriteAsync(WriteInfo.Capture(Caller.OfService("uwv")), _ =>
        {
            _entered.TrySetResult();
            return _release.Wait(TimeSpan.FromSeconds(10));
        }));

    public static async Task<HeldUwv> BeginAsync(MunicipalityPlatform platform)
    {
        var held = new HeldUwv(platform.App.Services.GetRequiredService<ServiceRuntime<UwvStore, UwvPlatformStore>>().PlatformStore);
        await held._entered.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        return held;
    }

    public async ValueTask DisposeAsync()
    {
        _release.Set();
        await _held;
        _release.Dispose();
    }
}
