using BeschutWerk.Backbone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>How a process starts and ends.</summary>
public sealed class StartupTests
{
    [Fact]
    public async Task Who_is_told_to_stop_before_it_has_started_ends_as_if_it_had()
    {
        await using var app = Build(services => services.AddHostedService<ToldToStop>());
        Assert.Equal(0, await Startup.ServeAsync(app, () => Assert.Fail("It never served.")));
    }

    [Fact]
    public async Task Who_is_cancelled_before_it_has_started_ends_as_if_it_had()
    {
        await using var app = Build();
        Assert.Equal(0, await Startup.ServeAsync(app, () => Assert.Fail("It never served."), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task What_keeps_it_from_starting_is_told()
    {
        await using var app = Build(services => services.AddHostedService<Broken>());
        await Assert.ThrowsAsync<OperationCanceledException>(() => Startup.ServeAsync(app, cancel: TestContext.Current.CancellationToken));
    }

    private static WebApplication Build(Action<IServiceCollection>? add = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        add?.Invoke(builder.Services);
        return builder.Build();
    }

    /// <summary>A signal comes while it starts.</summary>
    private sealed class ToldToStop(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Something of its own gives up.</summary>
    private sealed class Broken : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new OperationCanceledException("A limit of its own.");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
