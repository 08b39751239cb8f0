using BeschutWerk.Backbone;
using BeschutWerk.UwvAdvice;

return await ServiceProcess.RunAsync(args, "uwv", builder => builder.AddUwvAdvice(), routes => routes.MapUwvAdvice());
