package dev.assay.client;

import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads that one client's connections run on.
 *
 * <p>Those that gRPC would lend are shared by all channels, and outlive the last of them by a
 * second. These end when their client is closed.
 */
final class EventLoops {
  /** More connections share them. Each is started when the first connection needs it. */
  private static final int MAX_THREADS = Math.min(4, Runtime.getRuntime().availableProcessors());

  private static final EventLoops NONE = new EventLoops(null);

  private final EventLoopGroup group;

  private EventLoops(EventLoopGroup group) {
    this.group = group;
  }

  /** Lets a channel run on threads of its own, if it goes over TCP and by Netty. */
  static EventLoops of(ManagedChannelBuilder<?> channel, String target) {
    if (target.startsWith("unix:") || !(channel instanceof NettyChannelBuilder netty)) {
      return NONE;
    }
    ThreadFactory threads = new DefaultThreadFactory("assay-transport", true);
    EventLoopGroup group;
    if (Epoll.isAvailable()) {
      group = new MultiThreadIoEventLoopGroup(MAX_THREADS, threads, EpollIoHandler.newFactory());
      netty.channelType(EpollSocketChannel.class);
    } else {
      group = new MultiThreadIoEventLoopGroup(MAX_THREADS, threads, NioIoHandler.newFactory());
      netty.channelType(NioSocketChannel.class);
    }
    netty.eventLoopGroup(group);
    return new EventLoops(group);
  }

  /** Ends the threads; what still runs on them has so long. */
  void close(long time, TimeUnit unit) throws InterruptedException {
    if (group != null) {
      group.shutdownGracefully(0, time, unit).await(time, unit);
    }
  }
}
